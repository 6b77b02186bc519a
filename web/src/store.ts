// SPDX-License-Identifier: Apache-2.0
// Storage on the device: model files and their pieces under their hash, the list of models, their pictures.
// Browsers offer storage only to https and localhost; elsewhere nothing is stored, and everything else works.
import { fetchModels, ApiError, type Model, type ModelFile } from './api';

const NAME = 'models';
const LIST = '/api/v1/models';
const fileKey = (sha256: string): string => `/stored/${sha256}`;
const pieceKey = (sha256: string, index: number): string => `/stored/${sha256}/${index}`;

export const canStore = 'caches' in globalThis;

async function open(): Promise<Cache | undefined> {
  return canStore ? caches.open(NAME) : undefined;
}

async function bytesAt(key: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const response = await (await open())?.match(key);
  return response && new Uint8Array(await response.arrayBuffer());
}

export const storedFile = (sha256: string): Promise<Uint8Array<ArrayBuffer> | undefined> => bytesAt(fileKey(sha256));
export const storedPiece = (sha256: string, index: number): Promise<Uint8Array<ArrayBuffer> | undefined> =>
  bytesAt(pieceKey(sha256, index));

export async function storePiece(sha256: string, index: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  await (await open())?.put(pieceKey(sha256, index), new Response(bytes)).catch(() => undefined); // no room: works all the same
}

async function forgetPieces(cache: Cache, sha256: string): Promise<void> {
  for (const { url } of await cache.keys())
    if (new URL(url).pathname.startsWith(`${fileKey(sha256)}/`)) await cache.delete(url);
}

/** Stores the complete file, and the data that the gallery shows of its model, instead of the pieces. */
export async function storeFile(file: ModelFile, model: Model, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const cache = await open();
  if (cache === undefined) return;
  await cache.put(fileKey(file.sha256), new Response(bytes)).catch(() => undefined);
  await forgetPieces(cache, file.sha256);
  for (const url of [model.thumbnail_url, model.style_url]) await cache.add(url).catch(() => undefined); // only pictures
  void navigator.storage?.persist?.().catch(() => false); // Firefox asks first, and some never answer
}

export async function removeFile(sha256: string): Promise<void> {
  const cache = await open();
  if (cache === undefined) return;
  await cache.delete(fileKey(sha256));
  await forgetPieces(cache, sha256);
}

/** The hashes of the complete files on the device. */
export async function storedHashes(): Promise<Set<string>> {
  const keys = (await (await open())?.keys()) ?? [];
  return new Set(keys.map(({ url }) => /\/stored\/([^/]+)$/.exec(url)?.[1]).filter((hash) => hash !== undefined));
}

/** The models from the server, or the last list if it cannot be reached. */
export interface ModelList {
  models: Model[];
  preparing?: { done: number; total: number } | null; // files that the server still makes
  offline: boolean;
}

export async function listModels(): Promise<ModelList> {
  const cache = await open();
  try {
    const response = await fetchModels();
    await cache?.put(LIST, response.clone());
    return { ...(await response.json()), offline: false };
  } catch (error) {
    const kept = error instanceof ApiError && error.status === 0 ? await cache?.match(LIST) : undefined;
    if (kept === undefined) throw error;
    return { ...(await kept.json()), offline: true };
  }
}
