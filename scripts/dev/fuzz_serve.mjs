// SPDX-License-Identifier: Apache-2.0
// Sends a training server what no client should: random bytes, wild headers, forms cut off or broken, damaged pictures.
// It must stay alive and answer nothing with a 5xx. It runs with --behind-proxy.
//   node scripts/dev/fuzz_serve.mjs URL TOKEN PICTURE COUNT [SEED]
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';

const [url, token, picturePath, count, seed] = process.argv.slice(2);
const { hostname, port } = new URL(url);
const picture = readFileSync(picturePath);

let state = BigInt(seed ?? 1);
function random(limit) {  // splitmix64: the same again for the same seed
  state = (state + 0x9e3779b97f4a7c15n) & 0xffffffffffffffffn;
  let z = state;
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & 0xffffffffffffffffn;
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & 0xffffffffffffffffn;
  return Number((z ^ (z >> 31n)) % BigInt(limit));
}
const one = (list) => list[random(list.length)];
const noise = (length) => Buffer.from(Array.from({ length }, () => random(256)));
const address = () => `10.${random(256)}.${random(256)}.${random(256)}`;  // the server counts goes by address
const printable = (length) => Array.from({ length }, () => String.fromCharCode(32 + random(95))).join('');

function damaged(bytes) {
  const copy = Buffer.from(bytes);
  for (let i = 1 + random(30); i > 0; --i) copy[random(i % 2 === 0 ? 600 : copy.length)] = random(256);
  return random(3) === 0 ? copy.subarray(0, random(copy.length)) : copy;
}

const methods = ['GET', 'GET', 'GET', 'GET', 'HEAD', 'HEAD', 'POST', 'POST', 'DELETE', 'PUT', 'PATCH', 'OPTIONS', 'TRACE', 'CONNECT', 'PRI', 'get', 'X'.repeat(300), ''];
const paths = ['/', '/api/v1/jobs', '/api/v1/models', '/api/v1/jobs/0123456789abcdef/events', '/api/v1/token/check', '/%00', '/..%2f..%2f',
  '/api/v1/jobs/%ff%fe', '*', 'http://other/', '/' + 'a'.repeat(5000), '/?' + 'x=1&'.repeat(1000), '/#', '/%', '/%u0041', '//'];
const headers = () => one([
  'Range: bytes=' + one(['0-', '-1', '9-1', '99999999999999999999-', '0-1,2-3,', '-', 'a-b', '0-0,'.repeat(500), printable(50)]),
  'Content-Length: ' + one(['0', '-1', '5', '18446744073709551616', '1e9', '99999999999', ' 5', '5, 5', '']),
  'Transfer-Encoding: ' + one(['chunked', 'gzip, chunked', 'CHUNKED', 'identity', 'chunked, chunked']),
  'Authorization: ' + one(['Bearer ' + printable(64), 'Bearer', 'Basic eDp5', 'Bearer ' + 'x'.repeat(7000)]),
  'Host: ' + one(['evil.example', '', 'localhost:99999999', '[::1', ']:', printable(30)]),
  'Expect: 100-continue', 'Connection: ' + one(['close', 'upgrade', 'keep-alive, close']), 'Accept-Encoding: gzip, br, deflate',
  'Content-Encoding: ' + one(['gzip', 'br', 'deflate']), 'If-None-Match: ' + one(['*', '"', 'W/', '","'.repeat(900)]),
  'Last-Event-ID: ' + one(['-1', '99999999999999999999', 'x', '']), 'X-Forwarded-For: ' + printable(40),
  'Content-Type: ' + one(['multipart/form-data', 'multipart/form-data; boundary=', 'multipart/form-data; boundary="', 'text/plain']),
  printable(200), ': nothing', 'A'.repeat(9000) + ': x', 'X: ' + 'y'.repeat(60000)]);

/** A form as it should be, and then broken somewhere. Steps are out of range, so that none of them trains. */
function form() {
  const boundary = one(['b', 'x'.repeat(70), '----WebKit']);
  const field = (name, value, more = '') => Buffer.concat([
    Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n`), Buffer.from(value), Buffer.from('\r\n')]);
  const parts = [field('name', one(['Name', '', printable(80), noise(20)])), field('preset', one(['mini', 'huge', printable(5000)])),
    field('budget', one(['quick', 'none'])), field('steps', one(['0', '-1', '1e9', printable(9)])),
    field('style', damaged(picture), '; filename="a.jpg"'), ...Array.from({ length: one([0, 0, 0, 40]) }, () => field(printable(8), 'x'))];
  let body = Buffer.concat([...parts.sort(() => random(3) - 1), Buffer.from(`--${boundary}--\r\n`)]);
  const length = body.length;
  if (random(2) === 0) body = one([body.subarray(0, random(body.length)), damaged(body), Buffer.concat([body, noise(1000)])]);
  const head = `POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\nX-Forwarded-For: ${address()}\r\n` +
    `Content-Type: multipart/form-data; boundary=${boundary}\r\nContent-Length: ${one([length, body.length, body.length, length + 100])}\r\n`;
  return Buffer.concat([Buffer.from(head + (random(4) === 0 ? headers() + '\r\n' : '') + '\r\n'), body]);
}

function message() {
  const kind = random(4);
  if (kind === 0) return noise(random(3000));
  if (kind === 1) return form();
  const lines = [`${one(methods)} ${one(paths)} ${one([...Array(7).fill('HTTP/1.1'), 'HTTP/1.0', 'HTTP/9', ''])}`, 'Host: localhost', `X-Forwarded-For: ${address()}`];
  for (let i = random(kind === 2 ? 3 : 60); i > 0; --i) lines.push(headers());
  return Buffer.concat([Buffer.from(lines.join(one(['\r\n', '\r\n', '\r\n', '\n'])) + '\r\n\r\n'), noise(random(2000))]);
}

/** The statuses of the replies; a connection that is closed without one is an answer too. */
function send(bytes) {
  return new Promise((resolve) => {
    const pieces = [];
    const socket = connect(+port, hostname);
    const end = () => {
      socket.destroy();
      const text = Buffer.concat(pieces).toString('latin1');
      resolve([...text.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map((match) => match[1]));
    };
    socket.setTimeout(1500, end);
    socket.on('data', (piece) => pieces.push(piece));
    socket.on('error', () => {});
    socket.on('close', end);
    socket.write(bytes, () => random(2) === 0 && socket.end());
  });
}

const statuses = new Map();
let next = 0;
async function sender() {
  while (next < +count) {
    ++next;
    for (const status of await send(message())) statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
}
await Promise.all(Array.from({ length: 16 }, sender));
const health = await fetch(url + '/api/v1/health').then((reply) => reply.status).catch((error) => error.message);
console.log(`${count} messages; statuses: ${[...statuses].sort().map(([status, times]) => `${status}: ${times}`).join(', ')}; health after: ${health}`);
process.exit(health === 200 && ![...statuses.keys()].some((status) => status.startsWith('5')) ? 0 : 1);
