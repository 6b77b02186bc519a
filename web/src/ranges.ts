// SPDX-License-Identifier: Apache-2.0
// A file in pieces: which bytes belong to which piece, and joining the pieces.

export interface Piece {
  index: number;
  first: number; // byte positions, both included, as in a Range header
  last: number;
}

export function piecesOf(bytes: number, pieceBytes: number): Piece[] {
  return Array.from({ length: Math.ceil(bytes / pieceBytes) }, (_, index) => ({
    index,
    first: index * pieceBytes,
    last: Math.min(bytes, (index + 1) * pieceBytes) - 1,
  }));
}

export const rangeHeader = (piece: Piece): string => `bytes=${piece.first}-${piece.last}`;

/** Whether "bytes 0-99/1234" is this piece of a file of that size. */
export function isPiece(contentRange: string | null, piece: Piece, bytes: number): boolean {
  return contentRange === `bytes ${piece.first}-${piece.last}/${bytes}`;
}

export function join(pieces: Uint8Array[], bytes: number): Uint8Array<ArrayBuffer> {
  const found = pieces.reduce((sum, piece) => sum + piece.length, 0);
  if (found !== bytes) throw new Error(`The download has ${found} bytes, not ${bytes}.`);
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
