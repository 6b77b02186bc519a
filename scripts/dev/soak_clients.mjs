// SPDX-License-Identifier: Apache-2.0
// Many clients at once on a training server: reads of every kind, downloads in parts, streams.
//   node scripts/dev/soak_clients.mjs URL CLIENTS SECONDS
import { Agent, request } from 'node:http';

const [url, clients, seconds] = [process.argv[2], +process.argv[3], +process.argv[4]];
const agent = new Agent({ keepAlive: true, maxSockets: clients });
const counts = new Map();
const latencies_ms = [];
let bytes = 0;

function get(path, headers = {}) {
  return new Promise((resolve) => {
    const start = performance.now();
    const done = (outcome, body = '') => {
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
      if (typeof outcome === 'number') latencies_ms.push(performance.now() - start);
      resolve(body);
    };
    const call = request(url + path, { agent, headers, timeout: 30000 }, (reply) => {
      const pieces = [];
      reply.on('data', (piece) => { bytes += piece.length; pieces.push(piece); });
      reply.on('end', () => done(reply.statusCode, Buffer.concat(pieces)));
      reply.on('error', (error) => done(error.code));
    });
    call.on('timeout', () => call.destroy(Object.assign(new Error(), { code: 'TIMEOUT' })));
    call.on('error', (error) => done(error.code));
    call.end();
  });
}

let list;
do list = JSON.parse(await get('/api/v1/models')); while (list.preparing !== null);
const { models } = list;
const files = models.flatMap((model) => model.files.filter(({ state }) => state === 'ready'));
const paths = ['/', '/api/v1/health', '/api/v1/options', '/api/v1/jobs', '/api/v1/models', '/api/v1/openapi.json',
  ...models.map((model) => model.thumbnail_url)];
counts.clear();
latencies_ms.length = 0;

const until = Date.now() + 1000 * seconds;
async function client(number) {
  for (let turn = number; Date.now() < until; ++turn) {
    if (turn % 5 !== 0 || files.length === 0) {
      await get(paths[turn % paths.length]);
      continue;
    }
    const file = files[turn % files.length];
    const first = (turn * 7919) % file.bytes;
    const body = await get(file.url, { Range: `bytes=${first}-${first + 65535}` });
    const expected = Math.min(65536, file.bytes - first);
    if (body.length !== expected) counts.set('wrong length', (counts.get('wrong length') ?? 0) + 1);
  }
}
await Promise.all(Array.from({ length: clients }, (_, number) => client(number)));

latencies_ms.sort((a, b) => a - b);
const quantile = (share) => latencies_ms[Math.min(latencies_ms.length - 1, Math.floor(share * latencies_ms.length))]?.toFixed(0);
console.log(`${clients} clients, ${seconds} s: ${latencies_ms.length} replies, ${(bytes / 1e6).toFixed(0)} MB`);
console.log(`outcomes: ${[...counts].map(([outcome, count]) => `${outcome}: ${count}`).join(', ')}`);
console.log(`latency in ms: median ${quantile(0.5)}, 99% ${quantile(0.99)}, most ${quantile(1)}`);
const errors = [...counts].filter(([outcome]) => outcome !== 200 && outcome !== 206);
process.exit(errors.length === 0 && latencies_ms.length > 0 ? 0 : 1);
