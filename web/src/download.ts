// SPDX-License-Identifier: Apache-2.0
// A model's file: from the device if it is there, otherwise from the server in pieces, each stored when it arrives. An
// interrupted download continues with the missing pieces, now or at the next visit.
import { ApiError, fileInfo, type Model, type ModelFile } from './api';
import { isPiece, join, piecesOf, rangeHeader, type Piece } from './ranges';
import { removeFile, storedFile, storedPiece, storeFile, storePiece } from './store';

const PIECE_BYTES = 256 * 1024;
const TRIES = 3;

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** One piece, or the whole file from a server that does not support ranges. */
async function fetchPiece(file: ModelFile, piece: Piece): Promise<{ bytes: Uint8Array<ArrayBuffer>; whole: boolean }> {
  const etag = `"${file.sha256}"`;
  const response = await fetch(file.url, { headers: { Range: rangeHeader(piece), 'If-Range': etag } });
  if (!response.ok) throw new ApiError(response.status, `${file.name}: the server answered ${response.status}.`);
  const found = response.headers.get('ETag');
  if (found !== null && found !== etag) throw new ApiError(409, `${file.name}: the file on the server has changed; reload the page.`);
  if (response.status === 206 && !isPiece(response.headers.get('Content-Range'), piece, file.bytes))
    throw new ApiError(502, `${file.name}: the server sent other bytes than requested.`);
  return { bytes: new Uint8Array(await response.arrayBuffer()), whole: response.status === 200 };
}

async function insist<T>(action: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; ++attempt) {
    try {
      return await action();
    } catch (error) {
      const refused = error instanceof ApiError && error.status < 500 && error.status !== 429;
      if (refused || attempt === TRIES || !navigator.onLine) {
        if (error instanceof ApiError) throw error;
        throw new ApiError(0, 'The connection was lost. The part that arrived is kept.');
      }
      await pause(400 * 2 ** attempt);
    }
  }
}

async function verify(file: ModelFile, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  if (globalThis.crypto?.subtle === undefined) return; // only https and localhost have it
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (hex === file.sha256) return;
  await removeFile(file.sha256); // the pieces with it: nobody knows which one is wrong
  throw new Error(`${file.name}: damaged during the download.`);
}

/** `progress` is told the share that has arrived, 0..1. */
export async function loadFile(model: Model, listed: ModelFile, progress: (share: number) => void): Promise<Uint8Array<ArrayBuffer>> {
  const file = listed.state === 'ready' ? listed : await fileInfo(listed);
  Object.assign(listed, file); // its hash, under which it is stored, is known now
  const kept = await storedFile(file.sha256);
  if (kept !== undefined) return kept;

  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (const piece of piecesOf(file.bytes, PIECE_BYTES)) {
    progress(piece.first / file.bytes);
    let bytes = await storedPiece(file.sha256, piece.index);
    if (bytes === undefined) {
      const answer = await insist(() => fetchPiece(file, piece));
      if (answer.whole) {
        parts.splice(0, parts.length, answer.bytes);
        break;
      }
      bytes = answer.bytes;
      await storePiece(file.sha256, piece.index, bytes);
    }
    parts.push(bytes);
  }
  const whole = join(parts, file.bytes);
  await verify(file, whole);
  await storeFile(file, model, whole);
  progress(1);
  return whole;
}
