// Which data the first part of the program can do without.
import { readLinking } from './linking.mjs';

// Between two pieces that go, what is shorter than this stays with them: a piece of its own costs about as much.
const SHORT = 16;

/**
 * Of the program as the linker wrote it, the addresses `[{ from, to }]`, in order, of constant data that no function points to of
 * which `isNow` says, by its name, that it is in the first part, nor any data that such a function points to.
 */
export function unneeded(linked, isNow) {
  const { functions, segments, symbols, inCode, inData } = readLinking(linked);
  const seen = new Set();
  const waiting = [];
  const reach = (places, { from, to }) => {
    for (let index = firstFrom(places, from); index < places.length && places[index].at < to; index++) waiting.push(places[index].symbol);
  };
  // Which of two functions of one name is meant cannot be told: both count as in the first part.
  const known = new Set();
  const shared = new Set(functions.filter(({ name }) => known.has(name) || !known.add(name)).map(({ name }) => name));
  for (const one of functions) if (shared.has(one.name) || isNow(one.name)) reach(inCode, one);
  // What can be written may have been when the second part comes: it all stays, with what it points to.
  const constant = segments.find(({ name }) => name === '.rodata');
  for (const segment of segments) if (segment !== constant) reach(inData, segment);
  while (waiting.length > 0) {
    const index = waiting.pop();
    if (seen.has(index) || !symbols[index]) continue;
    seen.add(index);
    reach(inData, symbols[index]);
  }

  // A symbol may lie in another: what is needed of either is needed.
  const free = new Uint8Array(constant.to - constant.from);
  const fill = (value) => (symbol) => free.fill(value, symbol.from - constant.from, symbol.to - constant.from);
  const here = symbols.map((symbol) => symbol && symbol.from >= constant.from && symbol.to <= constant.to && symbol);
  here.filter((symbol, index) => symbol && !seen.has(index)).forEach(fill(1));
  here.filter((symbol, index) => symbol && seen.has(index)).forEach(fill(0));
  return runs(free).filter(({ from, to }) => to - from >= SHORT).map(({ from, to }) => ({ from: from + constant.from, to: to + constant.from }));
}

/** The first of `places`, which are in order, that is not before `from`. */
function firstFrom(places, from) {
  let [low, high] = [0, places.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (places[middle].at < from) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Where `flags` are 1. */
function runs(flags) {
  const found = [];
  for (let at = flags.indexOf(1); at >= 0; at = flags.indexOf(1, at)) {
    const end = flags.indexOf(0, at);
    const to = end < 0 ? flags.length : end;
    found.push({ from: at, to });
    at = to;
  }
  return found;
}
