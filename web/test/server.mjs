// SPDX-License-Identifier: Apache-2.0
// Starts `pocketstyle serve` for a test, on a free port.
import { spawn } from 'node:child_process';

/** `origin` resolves with its address once it has said it. */
export function startServer(pocketstyle, data, options = []) {
  const server = spawn(pocketstyle, ['serve', '--data', data, '--port', '0', '--no-shipped-models', ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
  const origin = new Promise((done, failed) => {
    let said = '';
    const hear = (chunk) => {
      said += chunk;
      const port = /http:\/\/(?:127\.0\.0\.1|localhost):(\d+)/.exec(said)?.[1];
      if (port !== undefined) done(`http://localhost:${port}`);
    };
    server.stdout.on('data', hear);
    server.stderr.on('data', hear);
    server.once('exit', (code) => failed(new Error(`the server ended with ${code}: ${said}`)));
  });
  return { origin, stop: () => new Promise((done) => { server.once('exit', done); server.kill('SIGTERM'); }) };
}
