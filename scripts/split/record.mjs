// Writes later.txt: which functions no first visit runs. A visit is: the page opens and comes to rest, and somebody moves the
// mouse over all of it and begins a command. Run it when a first visit fetches what should come later, or has grown heavy;
// dist/ must be the page of just these sources (`scripts/build`):
//     node scripts/split/record.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import binaryen from 'binaryen';
import { compress } from 'lzma1';
import { start, watchedPage } from '../../e2e/browser.mjs';
import { functions, key, read, shorten } from './program.mjs';

const WIDE = { width: 1440, height: 900 };
// What comes first of two things is not the same each time: so several, some on a slow machine.
const VISITS = [
  { locale: 'en-US', viewport: WIDE, slowness: 1 },
  { locale: 'en-US', viewport: WIDE, slowness: 4 },
  { locale: 'ja-JP', viewport: WIDE, colorScheme: 'dark', slowness: 2 },
  { locale: 'ko-KR', viewport: { width: 390, height: 844 }, slowness: 1 },
];
// And what the page's framework does when depends on that too: all of its scheduling is there from the first.
const ALWAYS = /yew\[[0-9a-f]+\]::(scheduler|html::component::lifecycle)|wasm_bindgen_futures/;
// A visit is over when this long nothing ran that had not run before.
const REST_MS = 5000;

const target = join(process.env.CARGO_TARGET_DIR ?? 'target', 'wasm');
const whole = read(readFileSync(join(target, 'wasm-bindgen/release/saya_bg.wasm')));
shorten(whole);
const names = functions(whole).map(({ name }) => name);
const keys = names.map(key);
const told = Buffer.from(compress(telling(whole), 1));
const ran = new Set(keys.filter((_, index) => ALWAYS.test(names[index])));

const ground = await start(process.env.SAYA_DIST);
try {
  for (const { slowness, ...visit } of VISITS) {
    const { page, context, open } = await watchedPage(ground, visit);
    await (await context.newCDPSession(page)).send('Emulation.setCPUThrottlingRate', { rate: slowness });
    await context.route('**/now-*.wasm.lzma', (route) => route.fulfill({ body: told }));
    await context.route('**/later-*.wasm', (route) => route.abort()); // all is in the other
    await page.addInitScript(listen);
    await open();
    await rest(page);
    await stroll(page, visit.viewport);
    await rest(page);
    for (const index of await page.evaluate(() => [...window.ran])) ran.add(keys[index]);
    console.log(`${visit.locale}: ${ran.size} of ${keys.length} functions`);
    await context.close();
  }
} finally {
  await ground.close();
}
const later = [...new Set(keys)].filter((known) => !ran.has(known)).sort();
writeFileSync(new URL('later.txt', import.meta.url), `${later.join('\n')}\n`);

function rest(page) {
  return page.waitForFunction((quiet) => performance.now() - window.lastNewAt > quiet, REST_MS, { timeout: 60_000 });
}

/** What a person does before the rest of the program can have come. */
async function stroll(page, { width, height }) {
  for (let y = 10; y < height; y += 30) {
    for (let x = 10; x < width; x += 60) await page.mouse.move(x, y);
  }
  const line = page.locator('.terminal input, .terminal textarea').first();
  if (await line.isVisible()) {
    await line.click();
    await page.keyboard.type('kubectl get');
  }
}

/** The module, made to tell each function's index when it is called. */
function telling(module) {
  const own = functions(module);
  module.addFunctionImport('tell', 'visit', 'tell', binaryen.i32, binaryen.none);
  own.forEach(({ name, body, results }, index) => {
    const tell = module.call('tell', [module.i32.const(index)], binaryen.none);
    binaryen.Function(module.getFunction(name)).body = module.block(null, [tell, body], results);
  });
  return module.emitBinary();
}

/** In the page, before its program. */
function listen() {
  window.ran = new Set();
  const tell = (index) => {
    if (window.ran.has(index)) return;
    window.ran.add(index);
    window.lastNewAt = performance.now();
  };
  const { instantiate } = WebAssembly;
  WebAssembly.instantiate = (module, given) => instantiate(module, { ...given, visit: { tell } });
}
