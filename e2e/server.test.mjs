// The server that `make serve` and these tests stand on.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { serve } from '../scripts/serve.mjs';

let base, server;
before(async () => {
  base = mkdtempSync(join(tmpdir(), 'saya-server-'));
  const folder = join(base, 'site');
  mkdirSync(join(folder, 'chapter'), { recursive: true });
  writeFileSync(join(base, 'secret.txt'), 'secret');
  writeFileSync(join(folder, 'index.html'), '<p>page');
  writeFileSync(join(folder, 'chapter', 'index.html'), '<p>chapter');
  writeFileSync(join(folder, 'a_bg.wasm'), 'wasm '.repeat(100));
  writeFileSync(join(folder, '.hidden'), 'hidden');
  symlinkSync(join(base, 'secret.txt'), join(folder, 'link.txt'));
  server = await serve(folder);
});
after(() => {
  server.close();
  server.closeAllConnections();
  rmSync(base, { recursive: true });
});

// By node:http, for fetch tidies a path before it asks.
function get(path, { method = 'GET', headers = {} } = {}) {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: server.address().port, path, method, headers };
    request(options, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) }));
    }).on('error', reject).end();
  });
}

test('files have their types, folders their index.html', async () => {
  for (const [path, type, body] of [
    ['/', 'text/html; charset=utf-8', '<p>page'],
    ['/index.html?lesson=1', 'text/html; charset=utf-8', '<p>page'],
    ['/chapter/', 'text/html; charset=utf-8', '<p>chapter'],
    ['/a_bg.wasm', 'application/wasm', 'wasm '.repeat(100)],
  ]) {
    const answer = await get(path);
    assert.deepEqual([answer.status, answer.headers['content-type'], String(answer.body)], [200, type, body], path);
  }
});

test('nothing outside the folder is served, nor what is hidden', async () => {
  for (const path of ['/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/link.txt', '/.hidden', '/none', '/%zz', '/%00']) {
    const { status, body } = await get(path);
    assert.deepEqual([status, String(body)], [404, 'Not found\n'], path);
  }
  assert.equal((await get('/', { method: 'POST' })).status, 405);
});

test('gzip only for who asks, and nothing again for who has it', async () => {
  const zipped = await get('/a_bg.wasm', { headers: { 'Accept-Encoding': 'br, gzip' } });
  assert.equal(zipped.headers['content-encoding'], 'gzip');
  assert.equal(String(gunzipSync(zipped.body)), 'wasm '.repeat(100));
  assert.equal((await get('/a_bg.wasm')).headers['content-encoding'], undefined);
  const again = await get('/a_bg.wasm', { headers: { 'If-None-Match': zipped.headers.etag } });
  assert.deepEqual([again.status, again.body.length], [304, 0]);
});
