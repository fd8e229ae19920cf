// Starts the program, which comes in two parts (scripts/split/). `now` is what a first visit runs. `later` comes with it where
// something was asked for or is kept from before, else with the first sign of a person, and in any case before any of it runs.
// Not by the package's own door: that brings along what compresses.
import { Decoder } from '../node_modules/lzma1/lib/decoder.js';
import { InputBuffer, OutputBuffer } from '../node_modules/lzma1/lib/streams.js';
import * as program from 'program';

/* global NOW, LATER -- the addresses of both: scripts/finish-page.mjs */
const SIGNS = ['pointermove', 'pointerdown', 'touchstart', 'wheel', 'keydown', 'click'];

const given = program.imports();
given.later = { fetch: fetchLater };
window.sayaIsPart = true;
let now;

async function got(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: ${response.status} ${response.statusText}`);
  return response;
}

/** What a first visit waits for comes a fifth smaller than servers make it. */
async function compiledNow() {
  const bytes = new Uint8Array(await (await got(NOW)).arrayBuffer());
  const plain = new OutputBuffer(4 * bytes.length);
  new Decoder().decompress(new InputBuffer(bytes), plain);
  return WebAssembly.compile(plain.toArray());
}

async function compiledLater() {
  const response = await got(LATER);
  // Not every server knows the type that a browser wants to compile what is still arriving.
  if (response.headers.get('content-type')?.startsWith('application/wasm')) return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}

/** Fills the table through which `now` calls `later`, once. What could do without it till then hears `saya:whole`. */
function put(module) {
  if (now.exports.here.value) return;
  new WebAssembly.Instance(module, { ...given, now: now.exports });
  now.exports.here.value = 1;
  window.sayaIsPart = false;
  // The program may stand in the middle of a step.
  queueMicrotask(() => dispatchEvent(new CustomEvent('saya:whole')));
}

/** A function of `later` is called, and it is not here: the program stands still until it is. */
function fetchLater() {
  try {
    const request = new XMLHttpRequest();
    request.open('GET', LATER, false);
    // The one way to get bytes while the program waits: a character each.
    request.overrideMimeType('text/plain; charset=x-user-defined');
    request.send();
    if (request.status !== 200) throw new Error(`${LATER}: ${request.status} ${request.statusText}`);
    const text = request.responseText;
    const bytes = new Uint8Array(text.length);
    for (let at = 0; at < bytes.length; at++) bytes[at] = text.charCodeAt(at);
    put(new WebAssembly.Module(bytes));
  } catch (error) {
    giveUp();
    throw error;
  }
}

/** The program cannot go on in the middle of a step; what it has kept is there after a reload. */
function giveUp() {
  const words = {
    en: ['The rest of Saya cannot be fetched', 'Is there a network? Your work is kept.', 'Reload'],
    ja: ['Saya の残りを取得できません', 'ネットワークにつながっていますか。作業は保存されています。', '再読み込み'],
    ko: ['Saya 의 나머지를 가져올 수 없습니다', '네트워크에 연결되어 있습니까? 작업은 저장되어 있습니다.', '다시 불러오기'],
  };
  const [title, text, reload] = words[document.documentElement.lang] ?? words.en;
  const element = (parent, name, content) => {
    const child = parent.appendChild(document.createElement(name));
    child.textContent = content;
    return child;
  };
  const veil = element(document.body, 'div', '');
  veil.className = 'veil panic';
  const card = element(veil, 'div', '');
  card.className = 'question';
  card.setAttribute('role', 'alertdialog');
  card.setAttribute('aria-label', title);
  element(card, 'h2', title);
  element(card, 'p', text);
  const button = element(card, 'button', reload);
  button.className = 'main';
  button.onclick = () => location.reload();
  // Not the button: whoever is typing would press it.
  card.tabIndex = -1;
  card.focus();
}

function isAskedFor() {
  try {
    return location.search !== '' || location.hash.length > 1 || localStorage.getItem('saya.work') !== null;
  } catch {
    return false; // the storage of a frame can be forbidden
  }
}

const wait = () => SIGNS.forEach((sign) => addEventListener(sign, come, { capture: true, passive: true }));
function come() {
  for (const sign of SIGNS) removeEventListener(sign, come, true);
  compiledLater().then(put, wait);
}

const asked = isAskedFor() ? compiledLater().catch(() => null) : null;
const module = await compiledNow();
now = await WebAssembly.instantiate(module, given);
const later = await asked;
if (later) put(later);
else wait();
program.begin(now, module);
window.wasmBindings = program;
dispatchEvent(new CustomEvent('TrunkApplicationStarted'));
