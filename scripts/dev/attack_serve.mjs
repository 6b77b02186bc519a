// SPDX-License-Identifier: Apache-2.0
// Attacks a training server, directly or behind a proxy: requests hidden in others, heads that never end, streams and tokens that
// are meant to lock others out. The server must refuse what can be read in two ways, and go on serving everyone else.
//   node scripts/dev/attack_serve.mjs URL TOKEN JOB [HEADS]
// JOB: the id of a job that has not ended. URL may be https (its certificate is not checked) of a proxy.
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';

const [url, token, job, heads = '350'] = process.argv.slice(2);
if (job === undefined) {
  console.error('usage: node scripts/dev/attack_serve.mjs URL TOKEN JOB [HEADS]');
  process.exit(2);
}
const { hostname, port, protocol, host } = new URL(url);
const proxied = protocol === 'https:';
let failed = 0;
function check(what, good, found = '') {
  failed += good ? 0 : 1;
  console.log(`${good ? 'ok  ' : 'FAIL'} ${what}${found === '' ? '' : `: ${found}`}`);
}

const open = (localAddress) => proxied
  ? connectTls({ host: '127.0.0.1', port: +port, servername: hostname, rejectUnauthorized: false })
  : connect({ host: '127.0.0.1', port: +port, localAddress });

/** What comes back for these bytes, until the connection closes or `patience` ms have passed. */
function exchange(bytes, { patience = 3000, localAddress = '127.0.0.1', until } = {}) {
  return new Promise((resolve) => {
    const start = Date.now();
    let text = '', ended = false;
    const socket = open(localAddress);
    const end = (closed) => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      socket.destroy();
      resolve({ text, closed, ms: Date.now() - start, statuses: [...text.matchAll(/HTTP\/1\.[01] (\d{3})/g)].map((match) => +match[1]) });
    };
    const timer = setTimeout(() => end(false), patience);
    socket.on('data', (piece) => {
      text += piece.toString('latin1');
      if (until?.test(text)) end(false);
    });
    socket.on('error', () => {});
    socket.on('close', () => end(true));
    socket.write(bytes);
  });
}
const get = (path, more = '') => `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${more}\r\n`;
const health = (localAddress) => exchange(get('/api/v1/health', 'Connection: close\r\n'), { localAddress, patience: 10000 });
const bearer = `Authorization: Bearer ${token}\r\n`;

// What follows each of these must not run as a request of its own.
const hidden = get('/api/v1/options');
const post = (headers, body = '') => `POST /api/v1/token/check HTTP/1.1\r\nHost: ${host}\r\n${bearer}${headers}\r\n${body}`;
const chunks = (...lines) => lines.join('\r\n') + '\r\n';
const ambiguous = {
  'a space before the colon of Transfer-Encoding': post('Transfer-Encoding : chunked\r\nContent-Length: 5\r\n', chunks('0', '')),
  'a tab before the colon of Content-Length': post('Content-Length\t: 5\r\n', 'hello'),
  'two lengths': post('Content-Length: 5\r\nContent-Length: 0\r\n', 'hello'),
  'a list of lengths': post('Content-Length: 5, 0\r\n', 'hello'),
  'a length with a sign': post('Content-Length: +5\r\n', 'hello'),
  'a length in hexadecimal': post('Content-Length: 0x5\r\n', 'hello'),
  'length and coding': post('Content-Length: 4\r\nTransfer-Encoding: chunked\r\n', chunks('0', '')),
  'coding and length': post('Transfer-Encoding: chunked\r\nContent-Length: 4\r\n', chunks('0', '')),
  'two codings': post('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n', chunks('0', '')),
  'chunked twice': post('Transfer-Encoding: chunked, chunked\r\n', chunks('0', '')),
  'another coding': post('Transfer-Encoding: gzip, chunked\r\n', chunks('0', '')),
  'identity': post('Transfer-Encoding: identity\r\nContent-Length: 5\r\n', 'hello'),
  'a coding with a vertical tab': post('Transfer-Encoding: \x0bchunked\r\n', chunks('0', '')),
  'a folded coding': post('Transfer-Encoding:\r\n chunked\r\nContent-Length: 5\r\n', chunks('0', '')),
  'a coding in HTTP/1.0': post('Transfer-Encoding: chunked\r\n', chunks('0', '')).replace('HTTP/1.1', 'HTTP/1.0'),
  'a head with bare line feeds': get('/api/v1/health').replaceAll('\r\n', '\n'),
  'a bare carriage return in a value': get('/api/v1/health', 'X: a\rTransfer-Encoding: chunked\r\n'),
  'a zero byte in a value': get('/api/v1/health', 'X: a\0b\r\n'),
  'a body of a GET': get('/api/v1/health', 'Content-Length: 5\r\n') + 'hello',
  'a first line with too many words': get('/api/v1/health HTTP/1.1 x'),
  'a header line without a colon': get('/api/v1/health', 'Nonsense\r\n'),
  'a space before the first header': `GET /api/v1/health HTTP/1.1\r\n X: y\r\nHost: ${host}\r\n\r\n`,
  'no Host': 'GET /api/v1/health HTTP/1.1\r\n\r\n',
  'two Hosts': get('/api/v1/health', 'Host: localhost\r\n'),
  'a Host with a user': `GET /api/v1/health HTTP/1.1\r\nHost: localhost:80@evil\r\n\r\n`,
  'a Host with a path': `GET /api/v1/health HTTP/1.1\r\nHost: localhost/evil\r\n\r\n`,
  'a Host with a port of letters': `GET /api/v1/health HTTP/1.1\r\nHost: localhost:evil\r\n\r\n`,
  'an address as the path': `GET http://evil.example/api/v1/health HTTP/1.1\r\nHost: evil.example\r\n\r\n`,
};
// In a form, since only forms are read.
const form = (size) => `POST /api/v1/jobs HTTP/1.1\r\nHost: ${host}\r\n${bearer}Content-Type: multipart/form-data; boundary=b\r\n` +
  `Transfer-Encoding: chunked\r\n\r\n${size}\r\n`;
for (const size of ['0x0\r\n', '0x5\r\nhello\r\n0\r\n', '-1\r\n', '+5\r\nhello\r\n0\r\n', ' 5\r\nhello\r\n0\r\n', '5 5\r\nhello\r\n0\r\n', 'FFFFFFFFFFFFFFFFF\r\n',
  '5\nhello\n0\n', '5\r\nhelloX\r\n0\r\n', '\r\n'])
  ambiguous[`a chunk of size ${JSON.stringify(size)}`] = form(size);
for (const [what, bytes] of Object.entries(ambiguous)) {
  const { text, statuses, closed } = await exchange(bytes + hidden, { patience: proxied ? 1000 : 3000 });
  const ran = text.includes('"presets"');
  // A proxy may repair a request before it passes it on; then there are two, and both are answered. For chunks that
  // are none, Caddy's answer is 502, and the connection ends.
  if (proxied) check(`behind the proxy, ${what}`, statuses.every((status) => status < 500 || status === 501) || (statuses.join() === '502' && !ran), statuses.join());
  else check(what, closed && !ran && statuses.length <= 1 && statuses.every((status) => status >= 400 && status < 500), `${statuses.join() || 'closed'}${ran ? ', and the hidden request ran' : ''}${closed ? '' : ', still open'}`);
}

// A refused request's body is not a request, above all not one with somebody's token.
for (const [what, first] of Object.entries({
  'a wrong token': `POST /api/v1/jobs HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer wrong\r\nContent-Length: ${hidden.length}\r\n\r\n`,
  'a path that is not there': `POST /api/v1/nothing HTTP/1.1\r\nHost: ${host}\r\n${bearer}Content-Length: ${hidden.length}\r\n\r\n`,
  'another method': `PUT /api/v1/jobs HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${hidden.length}\r\n\r\n`,
  'a name that is not allowed': `POST /api/v1/jobs HTTP/1.1\r\nHost: evil.example\r\nContent-Length: ${hidden.length}\r\n\r\n`,
  'a type that is no form': `POST /api/v1/jobs HTTP/1.1\r\nHost: ${host}\r\n${bearer}Content-Type: text/plain\r\nContent-Length: ${hidden.length}\r\n\r\n`,
})) {
  const { text } = await exchange(first + hidden, { patience: 1500 });
  check(`a request in the body after ${what}`, !text.includes('"presets"'), /HTTP\/1\.1 \d+/.exec(text)?.[0] ?? 'closed');
}

// Others' requests on the same connections between proxy and server get their own answers.
const mixed = await Promise.all(Array.from({ length: 40 }, async (_, i) => {
  if (i % 2 === 0) return exchange(Object.values(ambiguous)[i % Object.keys(ambiguous).length] + hidden, { patience: 1000 }).then(() => true);
  const { text, statuses } = await health();
  return statuses.join() === '200' && text.includes('"status":"ok"');
}));
check('others get their own answers meanwhile', mixed.every(Boolean), `${mixed.filter(Boolean).length} of ${mixed.length}`);

// Heads that never end.
const slow = Array.from({ length: +heads }, () => {
  const socket = open('127.0.0.1');
  socket.on('error', () => {});
  socket.write(`GET /api/v1/health HTTP/1.1\r\nHost: ${host}\r\nX-Slow: `);
  return socket;
});
const drip = setInterval(() => slow.forEach((socket) => socket.writable && socket.write('x')), 1000);
await new Promise((done) => setTimeout(done, 1500));
const times = [];
for (let i = 0; i < 10; ++i) {
  const { statuses, ms } = await health();
  times.push(statuses.join() === '200' ? ms : Infinity);
}
check(`${heads} heads that never end delay nobody`, Math.max(...times) < 1500, `at most ${Math.max(...times)} ms`);
clearInterval(drip);
slow.forEach((socket) => socket.destroy());

// One address wants every stream.
if (!proxied) {
  const stream = (localAddress) => exchange(get(`/api/v1/jobs/${job}/events`), { localAddress, until: /\r\n\r\n[^]*event: /, patience: 8000 });
  const greedy = Array.from({ length: 200 }, () => {
    const socket = open('127.0.0.3');
    let text = '';
    socket.on('error', () => {});
    socket.on('data', (piece) => { text += piece; });
    socket.write(get(`/api/v1/jobs/${job}/events`));
    return { socket, status: () => +(/HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0) };
  });
  for (let i = 0; i < 100 && greedy.some(({ status }) => status() === 0); ++i) await new Promise((done) => setTimeout(done, 50));
  const got = greedy.filter(({ status }) => status() === 200).length, refused = greedy.filter(({ status }) => status() === 429).length;
  check('an address gets some streams, not all', got >= 4 && got < 64 && got + refused === 200, `${got} of 200, the others ${refused}`);
  const other = await stream('127.0.0.4');
  check('another address gets a stream meanwhile', other.statuses[0] === 200, other.statuses.join() || 'nothing');
  const page = await health('127.0.0.3');
  check('and that address gets its page', page.statuses[0] === 200, page.statuses.join());
  greedy.forEach(({ socket }) => socket.destroy());
  let again;
  for (let i = 0; i < 50; ++i) {
    again = await stream('127.0.0.3');
    if (again.statuses[0] === 200) break;
    await new Promise((done) => setTimeout(done, 100));
  }
  check('streams that are left are free again', again.statuses[0] === 200, again.statuses.join());
}

// Wrong tokens do not lock out the right one.
const check_token = (value) => exchange(`POST /api/v1/token/check HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${value}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
let last;
for (let i = 0; i < 15; ++i) last = await check_token('wrong');
check('wrong tokens are counted', last.statuses.join() === '429', last.statuses.join());
const right = await check_token(token);
check('the right token is still accepted', right.statuses.join() === '204', right.statuses.join());

const after = await health();
check('the server is well', after.statuses.join() === '200', `${after.ms} ms`);
console.log(failed === 0 ? 'all as it must be' : `${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
