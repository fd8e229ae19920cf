// Runs every check, goes on after a failing one, shows what failed, and ends with the line `N passed, M failed`.
// A test counts as itself, any other check as one; a step that should have run tests and ran none has failed.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';

const locked = process.env.CI ? ['--locked'] : [];
const clippy = ['clippy', ...locked];
const strict = ['--', '-D', 'warnings'];
const wasm = ['cargo', ...clippy, '--release', '--target', 'wasm32-unknown-unknown', ...strict];
const browserTests = readdirSync('e2e').filter((name) => name.endsWith('.test.mjs')).map((name) => `e2e/${name}`);
const runner = ['--test', '--test-concurrency=2', '--test-timeout=240000', '--test-reporter=spec'];

const SETUP = { name: 'set-up', command: ['scripts/setup', 'test'], speaks: true };
const PAGE = { name: 'the release page', command: ['scripts/build'] };
const BROWSER = { name: 'browser tests', command: ['node', ...runner, ...browserTests], read: nodeTests };
// Two lanes side by side: they share no target folder, and the page's last steps use one core only.
const NATIVE = [
  { name: 'cargo fmt', command: ['cargo', 'fmt', '--check'] },
  { name: 'clippy, native', command: ['cargo', ...clippy, '--all-targets', ...strict] },
  { name: 'native tests', command: ['cargo', 'test', ...locked, '--no-fail-fast'], read: cargoTests },
  { name: 'sphinx-saya', command: ['scripts/test-sphinx'], read: pythonTests },
  { name: 'schema table', command: ['scripts/schema', 'check'], read: cargoTests },
  { name: 'cargo doc', command: ['cargo', 'doc', ...locked, '--no-deps'], env: { RUSTDOCFLAGS: '-D warnings' } },
];
const WASM = [{ name: 'clippy, WebAssembly', command: ['scripts/wasm-env', ...wasm] }, PAGE];

/** The counts of all `test result:` lines of cargo test, and the part of its output worth reading. */
function cargoTests(output) {
  const results = [...output.matchAll(/^test result: .*? (\d+) passed; (\d+) failed;/gm)];
  const sum = (group) => results.reduce((total, result) => total + Number(result[group]), 0);
  return { passed: sum(1), failed: sum(2), worth: output.replace(/^test .* \.\.\. (ok|ignored.*)\n/gm, '') };
}

/** The counts that close the output of node's test runner, and the part of that output worth reading. */
function nodeTests(output) {
  const count = (what) => Number(output.match(new RegExp(`^ℹ ${what} (\\d+)$`, 'm'))?.[1] ?? 0);
  const counts = /^ℹ (tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) .*\n/gm;
  const notes = output.replace(counts, '').match(/^ℹ .*/gm) ?? [];
  const failures = output.indexOf('✖ failing tests:');
  const worth = failures === -1 ? output : [...notes, output.slice(failures)].join('\n');
  return { passed: count('pass'), failed: count('fail') + count('cancelled'), worth, notes };
}

/** The counts that close the output of Python's unittest. */
function pythonTests(output) {
  const ran = Number(output.match(/^Ran (\d+) tests? in /m)?.[1] ?? 0);
  const count = (what) => Number(output.match(new RegExp(`^(?:OK|FAILED) \\(.*\\b${what}=(\\d+)`, 'm'))?.[1] ?? 0);
  const failed = count('failures') + count('errors');
  return { passed: ran - failed - count('skipped'), failed, worth: output };
}

/** Runs a command to its end, keeping what it says; one that `speaks` is also heard at once. */
function run([program, ...args], env, speaks) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    const parts = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (part) => {
        parts.push(part);
        if (speaks) process.stdout.write(part);
      });
    }
    child.on('error', (error) => resolve({ ok: false, output: `${program}: ${error.message}\n` }));
    child.on('close', (code) => resolve({ ok: code === 0, output: Buffer.concat(parts).toString() }));
  });
}

/** Output as it stands under the step's line, without the names of all that cargo compiled. */
function indented(output) {
  return output.replace(/^ *(Compiling|Checking|Documenting|Downloaded|Downloading|Locking|Updating) .*\n/gm, '').trimEnd().replace(/^/gm, '      ');
}

const totals = { passed: 0, failed: 0 };

/** Runs a step, adds to the totals, reports; resolves to whether nothing failed. */
async function check({ name, command, env, read, speaks }) {
  const started = Date.now();
  const { ok, output } = await run(command, env, speaks);
  let { passed, failed, worth = output, notes = [] } = read?.(output) ?? { passed: ok ? 1 : 0, failed: ok ? 0 : 1 };
  if (ok && passed + failed === 0) worth = 'no test ran\n' + worth;
  if (failed === 0 && (!ok || passed === 0)) failed = 1;
  totals.passed += passed;
  totals.failed += failed;
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  const counts = read ? `${passed} passed, ${failed} failed, ` : '';
  console.log(`${failed > 0 ? 'FAIL' : 'ok  '}  ${name} (${counts}${seconds} s)`);
  if (failed > 0 && !speaks) console.log(`\n      ${command.join(' ')}\n\n${indented(worth)}\n`);
  for (const note of failed > 0 ? [] : notes) console.log(`      ${note.slice(2)}`);
  return failed === 0;
}

async function lane(steps) {
  const results = [];
  for (const step of steps) results.push(await check(step));
  return results;
}

console.log('Saya: checking all that CI checks; the first time takes some minutes');
await check(SETUP);
const [, [, page]] = await Promise.all([lane(NATIVE), lane(WASM)]);
if (page) await check(BROWSER);
else await check({ ...BROWSER, command: ['sh', '-c', 'echo "There is no page to test."; exit 1'] });
console.log(`\n${totals.passed} passed, ${totals.failed} failed`);
process.exitCode = totals.failed > 0 ? 1 : 0;
