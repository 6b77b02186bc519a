// SPDX-License-Identifier: Apache-2.0
// A stand-in for `pocketstyle serve`, for tests and for work on the app: its models are real files, its training is made up.
//   node test/double.mjs APP MODELS [PORT]
// MODELS: a folder for each model, STYLE-PRESET/{*.rgba.onnx, *.onnx.json, thumbnail.jpg, style.jpg}. The token is "secret".
// Faults for tests: double.breakAfter(n) cuts the connection after n more answers to file requests.
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const TYPES = { '.html': 'text/html; charset=utf-8', '.css': 'text/css', '.js': 'text/javascript', '.mjs': 'text/javascript', '.svg': 'image/svg+xml',
                '.png': 'image/png', '.wasm': 'application/wasm', '.webmanifest': 'application/manifest+json' };
const HEADERS = {
  'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'no-referrer', 'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp', 'Cross-Origin-Resource-Policy': 'same-origin', 'Permissions-Policy': 'camera=(self)',
  'Content-Security-Policy': "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' data: blob:; worker-src 'self' blob:; " +
    "connect-src 'self'; media-src 'self' blob:; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
};
const IMMUTABLE = 'public, max-age=31536000, immutable';
const PRESETS = { original: 1677635, bottleneck: 469315, slim: 354595, mini: 200475, micro: 110803, pocket: 110531 };
const OPTIONS = {
  presets: Object.entries(PRESETS).map(([name, parameters]) => ({ name, parameters, macs_256: 1e9, summary: `The network ${name}` })),
  budgets: [{ name: 'quick', title: 'Quick look', minutes: 1, crop: 64 }, { name: 'standard', title: 'Standard', minutes: 5, crop: 128 }],
  default_preset: 'mini', default_budget: 'standard', max_upload_bytes: 16777216, strength: { default: 1, min: 0.1, max: 10 },
};

function readModels(folder) {
  return readdirSync(folder).sort().map((id) => {
    const preset = id.split('-').at(-1), style = id.slice(0, -preset.length - 1);
    const files = readdirSync(join(folder, id)).filter((name) => name.endsWith('.rgba.onnx')).map((name) => {
      const bytes = readFileSync(join(folder, id, name));
      return { name, kind: 'onnx', io: 'rgba', precision: /(fp16|int8)/.exec(name)?.[1] ?? 'fp32', state: 'ready', verified: true, error: null, bytes: bytes.length,
               sha256: createHash('sha256').update(bytes).digest('hex'), url: `/api/v1/models/${id}/files/${name}` };
    });
    const words = style.split('_').map((word) => (/^[ivx]+$/.test(word) ? word.toUpperCase() : word[0].toUpperCase() + word.slice(1))).join(' ');
    return { id, name: words, style, preset, parameters: PRESETS[preset], macs_256: 1e9, created_at: '2026-11-25T12:00:00Z', job_id: null,
             held_out_total: null, thumbnail_url: `/api/v1/models/${id}/thumbnail`, style_url: `/api/v1/models/${id}/style`, files };
  });
}

/** Losses that fall as losses do, 10 steps a tick; a minute comes to 60 steps, which is known after the first tick. */
function train(job, publish, tell) {
  job.state = 'training';
  const timer = setInterval(() => {
    if (job.state === 'cancelled') return clearInterval(timer);
    if (job.step > 0) job.steps ||= 60 * job.minutes;
    job.step = Math.min(job.steps || Infinity, job.step + 10);
    const style = 1.6e7 * Math.exp(-job.step / 12) + 1.3e5, content = 9e4 + 4e4 * Math.exp(-job.step / 90);
    job.loss = { content, style, tv: 300, total: content + style + 300 };
    job.losses.push({ step: job.step, ...job.loss });
    Object.assign(job, { images_per_s: 4.2, eta_s: ((job.steps || 60 * job.minutes) - job.step) / 10 });
    tell('loss', job.losses.at(-1));
    if (job.step === job.steps) {
      clearInterval(timer);
      Object.assign(job, { state: 'done', ended_at: new Date().toISOString(), eta_s: null, held_out_total: job.loss.total, model_id: publish(job) });
    }
    tell('job', job);
  }, 300);
}

export function startDouble(app, modelFolder, { port = 0 } = {}) {
  const models = readModels(modelFolder);
  const jobs = [], keys = new Map(), listeners = new Map();
  let answersLeft = Infinity;
  const log = [];

  const view = ({ losses, ...job }) => job;
  const tell = (job) => (event, data) => {
    for (const response of listeners.get(job.id) ?? []) {
      response.write(`event: ${event}\n${data.step === undefined || event === 'job' ? '' : `id: ${data.step}\n`}data: ${JSON.stringify(event === 'job' ? view(data) : data)}\n\n`);
      if (event === 'job' && ['done', 'failed', 'cancelled'].includes(job.state)) response.end();
    }
  };
  const publish = (job) => {
    const like = models.find(({ preset }) => preset === job.preset);
    const failed = { ...like.files[0], name: `${job.preset}.pt`, kind: 'pt', io: 'float', state: 'failed', sha256: '', error: 'differs by 3.1 levels, at most 1 is allowed' };
    models.unshift({ ...like, files: [...like.files, failed], id: `made-${job.id}`, name: job.name, style: `made-${job.id}`, job_id: job.id, created_at: new Date().toISOString() });
    return models[0].id;
  };

  function sendBytes(request, response, bytes, type, cache) {
    const sha = createHash('sha256').update(bytes).digest('hex'), etag = `"${sha}"`;
    const headers = { ...HEADERS, 'Content-Type': type, ETag: etag, 'Cache-Control': cache, 'Accept-Ranges': 'bytes' };
    if (request.headers['if-none-match'] === etag) return response.writeHead(304, headers).end();
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
    if (range === null || (request.headers['if-range'] ?? etag) !== etag) return response.writeHead(200, { ...headers, 'Content-Length': bytes.length }).end(bytes);
    const part = bytes.subarray(Number(range[1]), Number(range[2]) + 1);
    response.writeHead(206, { ...headers, 'Content-Length': part.length, 'Content-Range': `bytes ${range[1]}-${range[2]}/${bytes.length}` }).end(part);
  }
  const sendJson = (response, status, body) => response.writeHead(status, { ...HEADERS, 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  const CODES = { 401: 'wrong_token', 404: 'not_found', 500: 'internal_error' };
  const fail = (response, status, error) => sendJson(response, status, { code: CODES[status], error });

  async function api(request, response, path) {
    if (request.method !== 'GET' && request.headers.authorization !== 'Bearer secret') return fail(response, 401, 'token: wrong or missing');
    if (path === '/api/v1/models') return sendJson(response, 200, { models, next: null, preparing: null });
    if (path === '/api/v1/options') return sendJson(response, 200, OPTIONS);
    if (path === '/api/v1/token/check') return response.writeHead(204, HEADERS).end();
    const file = /^\/api\/v1\/models\/([^/]+)\/(thumbnail|style|files\/([^/]+))$/.exec(path);
    const model = models.find(({ id }) => path === `/api/v1/models/${id}`);
    if (model) return sendJson(response, 200, model);
    if (file) {
      if (file[3] && answersLeft-- <= 0) return request.socket.destroy();
      const folder = file[1].startsWith('made-') ? models.find(({ id }) => id === file[1]).files[0].url.split('/')[4] : file[1];
      const name = join(modelFolder, folder, file[3] ?? `${file[2]}.jpg`);
      return existsSync(name) ? sendBytes(request, response, readFileSync(name), file[3] ? 'application/octet-stream' : 'image/jpeg', IMMUTABLE) : fail(response, 404, `${path}: not there`);
    }
    if (path === '/api/v1/jobs' && request.method === 'GET') return sendJson(response, 200, { jobs: jobs.map(view), next: null });
    if (path === '/api/v1/jobs') {
      const key = request.headers['idempotency-key'];
      if (keys.has(key)) return sendJson(response, 200, view(keys.get(key)));
      const form = await new Request('http://localhost/', { method: 'POST', headers: request.headers, body: request, duplex: 'half' }).formData();
      const id = randomUUID();
      const budget = OPTIONS.budgets.find(({ name }) => name === form.get('budget'));
      const job = { id, name: form.get('name'), state: 'queued', preset: form.get('preset'), budget: budget.name, strength: Number(form.get('strength')), step: 0,
                    steps: 0, minutes: Number(form.get('minutes') ?? budget.minutes), created_at: new Date().toISOString(), started_at: null, ended_at: null, error: null,
                    queue_position: 1, images_per_s: null, eta_s: null, loss: null, held_out_total: null, style_url: `/api/v1/jobs/${id}/style`,
                    preview_url: null, model_id: null, losses: [] };
      job.picture = Buffer.from(await form.get('style').arrayBuffer()).toString('base64');
      jobs.unshift(job);
      keys.set(key, job);
      train(job, publish, tell(job));
      return sendJson(response, 201, view(job));
    }
    const one = /^\/api\/v1\/jobs\/([^/]+)(?:\/(\w+))?$/.exec(path);
    const job = one && jobs.find(({ id }) => id === one[1]);
    if (!job) return fail(response, 404, `${path}: not there`);
    if (one[2] === 'style') return sendBytes(request, response, Buffer.from(job.picture, 'base64'), 'image/jpeg', 'no-cache');
    if (one[2] === 'events') {
      response.writeHead(200, { ...HEADERS, 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' });
      listeners.set(job.id, [...(listeners.get(job.id) ?? []), response]);
      for (const loss of job.losses) response.write(`event: loss\nid: ${loss.step}\ndata: ${JSON.stringify(loss)}\n\n`);
      response.write(`event: job\ndata: ${JSON.stringify(view(job))}\n\n`);
      return void (['done', 'failed', 'cancelled'].includes(job.state) && response.end());
    }
    if (one[2] === 'cancel') {
      job.state = 'cancelled';
      tell(job)('job', job);
    }
    if (one[2] === 'resume') train(job, publish, tell(job));
    if (request.method === 'DELETE') jobs.splice(jobs.indexOf(job), 1);
    return sendJson(response, 200, view(job));
  }

  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, 'http://localhost').pathname));
    log.push({ method: request.method, path, range: request.headers.range });
    if (path.startsWith('/api/')) return void api(request, response, path).catch((error) => fail(response, 500, error.message));
    const name = join(app, path === '/' ? 'index.html' : path);
    if (!existsSync(name)) return fail(response, 404, `${path}: not there`);
    sendBytes(request, response, readFileSync(name), TYPES[extname(name)] ?? 'application/octet-stream', path.startsWith('/assets/') ? IMMUTABLE : 'no-cache');
  });
  const double = {
    log,
    breakAfter: (count) => { answersLeft = count; },
    stop: () => new Promise((done) => { server.close(done); server.closeAllConnections(); }),
  };
  return new Promise((done, failed) => server.once('error', failed).listen(port, '127.0.0.1', () => done({ ...double, origin: `http://localhost:${server.address().port}` })));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [app, models, port = '8080'] = process.argv.slice(2);
  console.log(`${(await startDouble(app, models, { port: Number(port) })).origin}/  (Ctrl-C ends it)`);
}
