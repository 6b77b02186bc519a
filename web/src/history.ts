// SPDX-License-Identifier: Apache-2.0
// The way back: what a picture looked like before, and after.

/** What makes the picture, besides the photo. */
export interface Entry {
  model: string;
  strength: number;
  keepColors: boolean;
  scale: number;
}

export interface History {
  entries: Entry[];
  at: number; // the one that is shown; -1 if there is none
}

const LIMIT = 50;
export const START: History = { entries: [], at: -1 };

export const shownEntry = ({ entries, at }: History): Entry | undefined => entries[at];
const same = (a: Entry | undefined, b: Entry): boolean =>
  a !== undefined && a.model === b.model && a.strength === b.strength && a.keepColors === b.keepColors && a.scale === b.scale;

/** A new look; what was undone before it is gone. */
export function push(history: History, entry: Entry): History {
  if (same(shownEntry(history), entry)) return history;
  const entries = [...history.entries.slice(0, history.at + 1), entry].slice(-LIMIT);
  return { entries, at: entries.length - 1 };
}

/** One step back (-1) or forward (1); the same if there is none. */
export function step({ entries, at }: History, by: -1 | 1): History {
  return { entries, at: Math.max(Math.min(at + by, entries.length - 1), Math.min(at, 0)) };
}
export const canStep = (history: History, by: -1 | 1): boolean => step(history, by).at !== history.at;
