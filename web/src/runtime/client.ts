// SPDX-License-Identifier: Apache-2.0
// A worker that handles one request after the other.
import type { Progress, Reply, Request } from './messages';

/** stop() cancelled the request. */
export class Stopped extends Error {}

export class RuntimeClient {
  private worker: Worker | undefined;
  private giveUp: (() => void) | undefined;
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly script: string) {}

  ask(request: Request, transfer: Transferable[] = [], progress: (share: number) => void = () => undefined): Promise<Reply> {
    const reply = this.last.then(() => this.send(request, transfer, progress));
    this.last = reply.catch(() => undefined);
    return reply;
  }

  private send(request: Request, transfer: Transferable[], progress: (share: number) => void): Promise<Reply> {
    const worker = (this.worker ??= new Worker(this.script, { type: 'module' }));
    return new Promise((resolve, reject) => {
      this.giveUp = () => reject(new Stopped('stopped'));
      worker.onmessage = ({ data }: MessageEvent<Reply | Progress>) => {
        if (data.kind === 'progress') progress(data.share);
        else if (data.kind === 'failed') reject(new Error(data.message));
        else resolve(data);
      };
      worker.onerror = (event) => {
        reject(new Error(event.message || 'the runtime could not start'));
        this.stop(); // a worker that failed to start never answers: the next request gets another one
      };
      worker.postMessage(request, transfer);
    });
  }

  /** Ends the worker, which frees all of its memory. */
  stop(): void {
    this.giveUp?.();
    this.worker?.terminate();
    this.worker = undefined;
  }
}
