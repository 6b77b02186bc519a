// SPDX-License-Identifier: Apache-2.0
// What the tables of exported files share: their input, their columns and how a time is written.
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Picture side and threads. */
export const columns = [[256, 1], [256, 2], [512, 1], [512, 2]];
export const heading = ([side, threads]) => `${side} px, ${threads} thr.`;

/** Reads JSON files of `folder`. */
export const reader = (folder) => (file) => JSON.parse(readFileSync(join(folder, file), 'utf8'));

/** The times in a file that `bench` wrote, without those of the evaluators for verification: nobody uses them as runtimes. */
export const usable = (measured) => measured.times.filter((time) => !time.runtime.endsWith(' on libtorch'));

/** The one of `times` for a file's name and a column. */
export const timeOf = (times, name, [side, threads]) =>
  times.find((time) => basename(time.file) === name && time.width === side && time.threads === threads);

export const milliseconds = (time) =>
  (time ? `${time.latency_ms_median.toFixed(0)} (${time.latency_ms_min.toFixed(0)}..${time.latency_ms_p90.toFixed(0)})` : '');
export const thousands = (number) => number.toLocaleString('en');

/** The page's head: how it was made, as scripts/common.sh's header says it in two lines, and what its times are. */
export function head(title, made, repeats) {
  const [command, machine] = made.split('\n');
  return `# ${title}\n\nWritten by \`${command}\`: ${machine}. Times in ms: median (minimum..90th percentile) of ${repeats} repeats
after 2 warm-ups, the networks in turn.`;
}
