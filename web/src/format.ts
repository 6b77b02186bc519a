// SPDX-License-Identifier: Apache-2.0
// Numbers as people read them.

const three = (value: number): string => value.toPrecision(3).replace(/\.?0+$/, '');

/** 227 kB, 6.7 MB: decimal units, as app stores show them. */
export function bytesText(bytes: number): string {
  if (bytes < 1e3) return `${bytes} B`;
  if (bytes < 1e6) return `${Math.round(bytes / 1e3)} kB`;
  return `${bytes < 1e7 ? (bytes / 1e6).toFixed(1) : Math.round(bytes / 1e6)} MB`;
}

/** 200 k, 1.68 M. */
export function countText(count: number): string {
  if (count < 1e3) return String(count);
  return count < 1e6 ? `${Math.round(count / 1e3)} k` : `${three(count / 1e6)} M`;
}

export function millisecondsText(ms: number): string {
  return ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** 45 s, 12 min, 3 h 05 min: an estimate, so no more exact than that. */
export function durationText(seconds: number): string {
  if (seconds < 90) return `${Math.max(0, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** The time of day in so many seconds. */
export const clockText = (seconds: number): string =>
  new Date(Date.now() + 1000 * seconds).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });

/** 217,590 or 1.23: without decimals where they do not matter. */
export function lossText(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString('en') : three(value);
}

export const timeText = (iso: string): string =>
  new Date(iso).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' });

export const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
