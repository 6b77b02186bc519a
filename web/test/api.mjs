// SPDX-License-Identifier: Apache-2.0
// Every operation of src/serve/openapi.json on the real server: each reply has a status, a type and a body that the
// description names for it, and JSON holds nothing that it does not name.
//   node test/api.mjs POCKETSTYLE DATA
import Ajv from 'ajv/dist/2020.js';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { check, run } from './checks.mjs';
import { startServer } from './server.mjs';

const [pocketstyle, data] = process.argv.slice(2);
if (data === undefined) {
  console.error('usage: node test/api.mjs POCKETSTYLE DATA');
  process.exit(2);
}
const repository = fileURLToPath(new URL('../..', import.meta.url));
const description = JSON.parse(readFileSync(join(repository, 'src/serve/openapi.json'), 'utf8'));
const METHODS = ['get', 'post', 'delete'];

/** A copy in which objects have the properties that are named, and no others. */
function closed(schema) {
  if (Array.isArray(schema)) return schema.map(closed);
  if (schema === null || typeof schema !== 'object') return schema;
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  if (copy.type === 'object' && copy.properties !== undefined) copy.additionalProperties = false;
  return copy;
}
const ajv = new Ajv({ strict: false, allErrors: true });
ajv.addSchema(closed(description), 'openapi');
const escaped = (part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
/** The first error of `value` against the schema at that place of the description; undefined if there is none. */
function errorOf(place, value) {
  const validate = ajv.getSchema(`openapi#/${place.map(escaped).join('/')}`);
  return validate(value) ? undefined : ajv.errorsText(validate.errors, { dataVar: 'body' });
}

const seen = new Map(); // by "METHOD path": the statuses that came
/** One request by the path's template; checks the reply against the description. */
async function ask(method, template, status, { job, model, file, lease, file_path, query = '', ...init } = {}) {
  const path = template.replace('{job}', job).replace('{model}', model).replace('{file}', file).replace('{lease}', lease).replace('{path}', file_path) + query;
  const response = await fetch(origin + path, { method: method.toUpperCase(), ...init });
  const bytes = Buffer.from(await response.arrayBuffer());
  const name = `${method.toUpperCase()} ${template}`;
  seen.set(name, (seen.get(name) ?? new Set()).add(String(response.status)));
  check(`${name}: ${status}`, response.status === status, `${response.status}${response.ok ? '' : ` ${bytes.toString().slice(0, 90).trim()}`}`);

  let place = ['paths', template, method, 'responses', String(response.status)];
  let reply = place.reduce((node, key) => node?.[key], description);
  if (reply?.$ref !== undefined) {
    place = reply.$ref.split('/').slice(1);
    reply = place.reduce((node, key) => node[key], description);
  }
  const type = response.headers.get('Content-Type')?.split(';')[0];
  const types = Object.keys(reply?.content ?? {});
  const problem = reply === undefined ? 'the status is not described'
    : types.length === 0 ? undefined
    : !types.includes(type) ? `expected ${types}, found ${type}`
    : type !== 'application/json' ? undefined
    : errorOf([...place, 'content', type, 'schema'], JSON.parse(bytes));
  if (problem !== undefined) check(`${name} ${response.status} is as described`, false, problem);
  for (const header of Object.keys(reply?.headers ?? {})) check(`${name} ${response.status} has ${header}`, response.headers.has(header));
  return type === 'application/json' ? JSON.parse(bytes) : bytes;
}

async function until(id, states) {
  for (let i = 0; i < 1200; ++i) {
    const job = await (await fetch(`${origin}/api/v1/jobs/${id}`)).json();
    if (states.includes(job.state)) return job;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`the job did not become ${states}`);
}

/** Of a network and photos so small that a training takes seconds. */
function writeConfig() {
  const photos = (...names) => join(repository, 'third_party/photos', ...names);
  mkdirSync(data, { recursive: true });
  const path = join(dirname(data), 'tiny.yaml');
  writeFileSync(path, `net: {widths: [4, 6, 8], mid: 4, blocks: 1}
style: {image: ${join(repository, 'third_party/styles/starry_night.jpg')}, size: 64}
data: {train: ${photos('val')}, held_out: ${photos('val')}, crop: 32, window_max: 48, held_out_size: 32, held_out_photos: 1}
train: {steps: 20, warmup: 2, batch: 1}
`);
  return path;
}

const server = startServer(pocketstyle, data, ['--config', writeConfig()]);
let origin;
await run(async () => {
  origin = await server.origin;
  const token = readFileSync(join(data, 'token'), 'utf8').trim();
  const owner = { headers: { Authorization: `Bearer ${token}` } };
  const picture = new Blob([readFileSync(join(repository, 'third_party/styles/starry_night.jpg'))]);
  const form = (fields, style = picture) => {
    const body = new FormData();
    for (const [name, value] of Object.entries({ name: 'A style', preset: 'mini', budget: 'quick', ...fields })) body.append(name, value);
    body.append('style', style, 'style.jpg');
    return { ...owner, body };
  };

  await ask('get', '/api/v1/health', 200);
  check('the server describes itself as src/serve/openapi.json does', JSON.stringify(await ask('get', '/api/v1/openapi.json', 200)) === JSON.stringify(description));
  await ask('get', '/api/v1/options', 200);
  await ask('get', '/api/v1/jobs', 200);
  await ask('get', '/api/v1/models', 200);
  await ask('post', '/api/v1/token/check', 204, owner);
  await ask('post', '/api/v1/token/check', 401);

  // A job that is refused, asked for, asked for again, and followed to its end.
  await ask('post', '/api/v1/jobs', 401, { ...form({}), headers: {} });
  await ask('post', '/api/v1/jobs', 400, form({ preset: 'huge' }));
  await ask('post', '/api/v1/jobs', 413, form({}, new Blob([new Uint8Array(17e6)])));
  await ask('post', '/api/v1/jobs', 415, { headers: { ...owner.headers, 'Content-Type': 'application/json' }, body: '{}' });
  await ask('post', '/api/v1/jobs', 400, form({ minutes: 1, steps: 6 }));
  const keyed = { ...form({ minutes: 0.1 }), headers: { ...owner.headers, 'Idempotency-Key': 'one' } };
  const { id: job } = await ask('post', '/api/v1/jobs', 201, keyed);
  await ask('post', '/api/v1/jobs', 200, { ...form({ minutes: 0.1 }), headers: keyed.headers });
  await ask('post', '/api/v1/jobs', 422, { ...form({ minutes: 0.2 }), headers: keyed.headers });
  await ask('get', '/api/v1/jobs/{job}', 200, { job });
  const events = (await ask('get', '/api/v1/jobs/{job}/events', 200, { job })).toString();
  const counts = {};
  for (const [, event, text] of events.matchAll(/^event: (.*)\n(?:id: .*\n)?data: (.*)$/gm)) {
    counts[event] = (counts[event] ?? 0) + 1;
    const schema = ['paths', '/api/v1/jobs/{job}/events', 'get', 'x-events', event];
    const problem = ajv.getSchema(`openapi#/${schema.map(escaped).join('/')}`) === undefined ? 'not described' : errorOf(schema, JSON.parse(text));
    if (problem !== undefined) check(`the event ${event} is as described`, false, problem);
  }
  for (const event of Object.keys(description.paths['/api/v1/jobs/{job}/events'].get['x-events']))
    check(`events: ${event}`, counts[event] > 0, `${counts[event] ?? 0}`);
  check('a job is done', (await until(job, ['done', 'failed'])).state === 'done');
  await ask('get', '/api/v1/jobs', 200);
  await ask('get', '/api/v1/jobs/{job}/style', 200, { job });
  await ask('get', '/api/v1/jobs/{job}/preview', 200, { job });
  await ask('post', '/api/v1/jobs/{job}/cancel', 409, { job, ...owner });
  await ask('post', '/api/v1/jobs/{job}/resume', 409, { job, ...owner });

  // Lists come in pages.
  const { id: another } = await ask('post', '/api/v1/jobs', 201, form({ steps: 1 }));
  await until(another, ['done']);
  for (const what of ['jobs', 'models']) {
    const path = `/api/v1/${what}`, all = await ask('get', path, 200);
    const first = await ask('get', path, 200, { query: '?limit=1' });
    const second = await ask('get', path, 200, { query: `?limit=1&cursor=${first.next}` });
    const ids = (...pages) => pages.flatMap((page) => page[what].map(({ id }) => id)).join();
    check(`${what} in pages`, all[what].length === 2 && ids(all) === ids(first, second) && second.next === null && all.next === null, ids(first, second));
    for (const query of ['?limit=0', '?limit=1001', '?limit=x', '?cursor=-1', '?cursor=x']) await ask('get', path, 400, { query });
  }

  // Its model.
  const { models } = await ask('get', '/api/v1/models', 200);
  const model = models[0].id;
  await ask('get', '/api/v1/models/{model}', 200, { model });
  await ask('get', '/api/v1/models/{model}/thumbnail', 200, { model });
  await ask('get', '/api/v1/models/{model}/style', 200, { model });
  const waiting = models[0].files.find(({ kind, io }) => kind === 'onnx' && io === 'rgba').name;
  const info = '/api/v1/models/{model}/files/{file}/info';
  const made = await ask('get', info, 200, { model, file: waiting });
  check('a file is made when it is asked for', made.state === 'ready' && /^[0-9a-f]{64}$/.test(made.sha256), made.state);
  const whole = await ask('get', '/api/v1/models/{model}/files/{file}', 200, { model, file: waiting });
  check('it has the hash that its description names', createHash('sha256').update(whole).digest('hex') === made.sha256);
  const file = waiting;
  const files = '/api/v1/models/{model}/files/{file}';
  await ask('get', files, 200, { model, file });
  await ask('get', files, 206, { model, file, headers: { Range: 'bytes=0-9' } });
  await ask('get', files, 304, { model, file, headers: { 'If-None-Match': `"${made.sha256}"` } });
  await ask('get', files, 404, { model, file: 'none' });
  await ask('get', files, 416, { model, file, headers: { Range: 'bytes=999999999-' } });

  // A job that is cancelled, resumed, and cancelled again.
  const { id: long } = await ask('post', '/api/v1/jobs', 201, form({ steps: 5000 }));
  await until(long, ['training']);
  await ask('delete', '/api/v1/jobs/{job}', 409, { job: long, ...owner });
  await ask('post', '/api/v1/jobs/{job}/cancel', 401, { job: long });
  await ask('post', '/api/v1/jobs/{job}/cancel', 200, { job: long, ...owner });
  await until(long, ['cancelled']);
  await ask('post', '/api/v1/jobs/{job}/resume', 401, { job: long });
  await ask('post', '/api/v1/jobs/{job}/resume', 200, { job: long, ...owner });
  await ask('post', '/api/v1/jobs/{job}/cancel', 200, { job: long, ...owner });
  await until(long, ['cancelled']);
  await ask('delete', '/api/v1/jobs/{job}', 401, { job: long });
  await ask('delete', '/api/v1/jobs/{job}', 204, { job: long, ...owner });
  await ask('delete', '/api/v1/models/{model}', 401, { model });
  await ask('delete', '/api/v1/models/{model}', 204, { model, ...owner });

  // A job that is lent to another machine, given back, lent again, and fails there. It is the second of two, since this machine trains too.
  const lease_path = '/api/v1/leases', lent_file = '/api/v1/leases/{lease}/files/{path}', ends = '/api/v1/leases/{lease}/end';
  const { id: busy } = await ask('post', '/api/v1/jobs', 201, form({ steps: 5000 }));
  await until(busy, ['training']);
  await ask('post', lease_path, 204, owner);
  const { id: other } = await ask('post', '/api/v1/jobs', 201, form({ steps: 5000 }));
  await ask('post', lease_path, 401);
  const { lease, ...lent } = await ask('post', lease_path, 200, { query: '?worker=test', ...owner });
  check('the waiting job is lent', lent.job.id === other && lent.job.state === 'training' && /^data:/m.test(lent.config) && lent.files.length === 0, `${lent.job.id}, ${lent.files}`);
  const ours = { lease, file_path: 'run/metrics.jsonl', ...owner };
  await ask('post', '/api/v1/leases/{lease}/renew', 204, ours);
  await ask('post', '/api/v1/leases/{lease}/renew', 401, { lease });
  await ask('get', lent_file, 404, { lease, file_path: 'run/metrics.jsonl' });
  await ask('post', lent_file, 401, { lease, file_path: 'run/metrics.jsonl', body: '{}' });
  const line = '{"kind":"held_out","step":7,"loss":{"total":42}}\n';
  await ask('post', lent_file, 204, { ...ours, body: line });
  check('what was sent is there', (await ask('get', lent_file, 200, { lease, file_path: 'run/metrics.jsonl' })).toString() === line);
  for (const file_path of ['run/..%2Fconfig.yaml', 'config.yaml', 'run/.hidden', 'run/a/b/c', 'run/x.tmp12'])
    await ask('post', lent_file, 404, { ...ours, file_path, body: 'x' });
  check('its picture is there', (await ask('get', lent_file, 200, { lease, file_path: 'style.jpg' })).subarray(0, 2).toString('hex') === 'ffd8');
  await ask('post', ends, 400, { ...ours, query: '?result=perhaps' });
  await ask('post', ends, 401, { lease, query: '?result=stopped' });
  await ask('post', ends, 413, { ...ours, query: '?result=failed', body: 'x'.repeat(5000) });
  await ask('post', ends, 204, { ...ours, query: '?result=stopped' });
  check('it goes back', (await until(other, ['queued'])).held_out_total === 42);
  await ask('post', lent_file, 404, { ...ours, body: line });
  const again = await ask('post', lease_path, 200, owner);
  check('it goes on with what was there', again.job.id === other && again.files.join() === 'metrics.jsonl', again.files.join());
  await ask('post', ends, 204, { lease: again.lease, ...owner, query: '?result=failed', body: 'it broke' });
  check('it failed there', (await until(other, ['failed'])).error === 'it broke');
  await ask('post', '/api/v1/jobs/{job}/cancel', 200, { job: busy, ...owner });

  // What is not there.
  const none = { job: '0123456789abcdef', model: 'none', file: 'none', lease: '0'.repeat(32), file_path: 'style.jpg', query: '', ...owner };
  for (const [path, operations] of Object.entries(description.paths))
    for (const method of METHODS) if (operations[method]?.responses[404] !== undefined) await ask(method, path, 404, path === ends ? { ...none, query: '?result=done' } : none);

  check('a wrong token has its code', (await ask('post', '/api/v1/token/check', 401, { headers: { Authorization: 'Bearer wrong' } })).code === 'wrong_token');

  // Wrong tokens, until they are too many.
  for (let i = 0; i < 12; ++i) await fetch(`${origin}/api/v1/token/check`, { method: 'POST', headers: { Authorization: 'Bearer wrong' } });
  await ask('post', '/api/v1/token/check', 429, { headers: { Authorization: 'Bearer wrong' } });
  await ask('post', '/api/v1/jobs', 429, { ...form({}), headers: { Authorization: 'Bearer wrong' } });
  await ask('post', '/api/v1/token/check', 204, owner);

  // Many clients at once, files that fail, and names in the Host header, which fetch does not let through: other tests have them.
  const hard = (name) => / (403|410|503)$/.test(name) || name === 'GET /api/v1/jobs/{job}/events 429' || name === `POST ${lent_file} 413`; // of 256 MiB
  for (const [path, operations] of Object.entries(description.paths))
    for (const method of METHODS)
      for (const status of Object.keys(operations[method]?.responses ?? {})) {
        const name = `${method.toUpperCase()} ${path}`;
        const limit = status === '429' && !seen.get(name)?.has(status); // one counter for all changes
        if (!seen.get(name)?.has(status) && !limit && !hard(`${name} ${status}`)) check(`${name} ${status} was asked for`, false);
      }
});
await server.stop();
