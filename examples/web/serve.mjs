// SPDX-License-Identifier: Apache-2.0
// Serves dist/ on this machine: node serve.mjs [PORT]
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const TYPES = { '.html': 'text/html; charset=utf-8', '.css': 'text/css', '.js': 'text/javascript', '.mjs': 'text/javascript',
                '.json': 'application/json', '.svg': 'image/svg+xml', '.wasm': 'application/wasm' };

/** A static server on the loopback address; port 0 takes any free one. `extra` maps further paths to files. */
export function serve(folder, { port = 0, extra = {} } = {}) {
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, 'http://localhost').pathname));
    const file = extra[path] ?? join(folder, path === '/' ? 'index.html' : path);
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return void response.writeHead(404).end();
    response.writeHead(200, {
      'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream',
      'Cache-Control': 'no-cache',
      // With these two the page may share memory between threads, and the runtime uses more than one.
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
    });
    createReadStream(file).pipe(response);
  });
  return new Promise((done, failed) => server.once('error', failed).listen(port, '127.0.0.1', () => done(server)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const dist = join(dirname(fileURLToPath(import.meta.url)), 'dist');
  const server = await serve(dist, { port: Number(process.argv[2] ?? 8080) });
  console.log(`http://localhost:${server.address().port}/  (Ctrl-C ends it)`);
}
