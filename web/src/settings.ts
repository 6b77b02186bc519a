// SPDX-License-Identifier: Apache-2.0
// What somebody chose, kept on the device: the settings of the stylise view, the way back through them, and the photo.
import { type Entry, type History, START } from './history';
import type { RuntimeChoice } from './runtime/engine';
import type { FileType } from './picture';
import { EMPTY, type Shelf } from './shelf';

export interface Settings {
  strength: number; // 0..1
  keepColors: boolean;
  scale: number; // size of the strokes
  side: number; // of the preview
  runtime: RuntimeChoice;
  type: FileType;
  full: boolean; // save at the photo's size, not at the preview's
  quality: string;
}

const DEFAULTS: Settings = { strength: 1, keepColors: false, scale: 1, side: 768, runtime: 'auto', type: 'image/jpeg', full: true, quality: 'balanced' };
const SETTINGS = 'pocketstyle.settings', HISTORY = 'pocketstyle.history', SHELF = 'pocketstyle.shelf';

/** What is stored under a name; the default where nothing is, or where it cannot be read. */
function read<T>(name: string, otherwise: T): T {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(name) ?? 'null');
    return typeof found === 'object' && found !== null ? { ...otherwise, ...found } : otherwise;
  } catch {
    return otherwise;
  }
}

function write(name: string, value: unknown): void {
  try {
    localStorage.setItem(name, JSON.stringify(value));
  } catch {
    // full, or switched off: everything works until the page is closed
  }
}

export const settings: Settings = read(SETTINGS, DEFAULTS);
export function keepSettings(change: Partial<Settings>): void {
  write(SETTINGS, Object.assign(settings, change));
}

export const keptHistory = (): History => read(HISTORY, START);
export const keepHistory = (history: History): void => write(HISTORY, history);
export const entryOf = (model: string): Entry => ({ model, strength: settings.strength, keepColors: settings.keepColors, scale: settings.scale });

export const keptShelf = (): Shelf => read(SHELF, EMPTY);
export const keepShelf = (shelf: Shelf): void => write(SHELF, shelf);

const PHOTO = '/session/photo';
const open = async (): Promise<Cache | undefined> => ('caches' in globalThis ? caches.open('session') : undefined);

export async function keepPhoto(file: File): Promise<void> {
  await (await open())?.put(PHOTO, new Response(file, { headers: { 'Content-Type': file.type, 'X-Name': encodeURIComponent(file.name) } })).catch(() => undefined);
}
export async function keptPhoto(): Promise<File | undefined> {
  const found = await (await open())?.match(PHOTO);
  if (found === undefined) return undefined;
  const blob = await found.blob();
  return new File([blob], decodeURIComponent(found.headers.get('X-Name') ?? 'photo'), { type: blob.type });
}
export async function forgetPhoto(): Promise<void> {
  await (await open())?.delete(PHOTO);
}
