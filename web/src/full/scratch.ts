// SPDX-License-Identifier: Apache-2.0
// A file for kept levels in the browser's own storage (the origin private file system), which only workers can read and write at once.
import type { Store } from './kept';

const PREFIX = 'scratch-';
const MOST_BYTES = 700e6;
const SHARE_OF_QUOTA = 0.5; // models and photos are there too

interface Handle {
  read(into: Uint8Array, options: { at: number }): number;
  write(bytes: Uint8Array, options: { at: number }): number;
  close(): void;
}

const bytesOf = (numbers: Uint16Array): Uint8Array => new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);

/** Removes files of work that was cancelled; those of other tabs are in use, and stay. */
export async function clearScratch(): Promise<void> {
  const root = (await navigator.storage?.getDirectory?.()) as (FileSystemDirectoryHandle & { keys(): AsyncIterable<string> }) | undefined;
  if (root === undefined) return;
  for await (const name of root.keys()) if (name.startsWith(PREFIX)) await root.removeEntry(name).catch(() => undefined);
}

export interface Scratch {
  bytes: number; // that it may hold
  store(length: number): Store; // of blocks of so many numbers
  close(): Promise<void>;
}

/** Undefined where there is no such storage. */
export async function openScratch(): Promise<Scratch | undefined> {
  try {
    await clearScratch();
    const root = await navigator.storage.getDirectory();
    const name = `${PREFIX}${Array.from(crypto.getRandomValues(new Uint32Array(2)), (part) => part.toString(36)).join('')}`;
    const file = (await root.getFileHandle(name, { create: true })) as FileSystemFileHandle & { createSyncAccessHandle(): Promise<Handle> };
    const handle = await file.createSyncAccessHandle();
    const { quota = 0, usage = 0 } = await navigator.storage.estimate();
    return {
      bytes: Math.min(MOST_BYTES, SHARE_OF_QUOTA * (quota - usage)),
      store: (length) => ({
        write(block, at, numbers) {
          if (handle.write(bytesOf(numbers), { at: 2 * (block * length + at) }) !== numbers.byteLength) throw new Error('There is no room left on this device.');
        },
        read: (block, at, into) => void handle.read(bytesOf(into), { at: 2 * (block * length + at) }),
      }),
      async close() {
        handle.close();
        await root.removeEntry(name).catch(() => undefined);
      },
    };
  } catch {
    return undefined; // plain http, or an old browser: memory does
  }
}
