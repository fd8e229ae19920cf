// What the linker wrote down (`wasm-ld --emit-relocs`): where code and data point to data. The formats: WebAssembly's binary
// format, and its tool conventions (Linking.md, version 2).

const HEADER = 8; // what every module begins with
const CUSTOM = 0;
const [IMPORTS, CODE, DATA] = [2, 10, 11]; // sections
const [FUNCTION_NAMES, SEGMENT_NAMES, SYMBOL_TABLE] = [1, 9, 8]; // their parts
const [DATA_SYMBOL, SECTION_SYMBOL] = [1, 3];
const [UNDEFINED, NAMED] = [0x10, 0x40]; // a symbol's flags
const FUNCTION_IMPORT = 0;
const I32_CONST = 0x41;
const TO_MEMORY = new Set([3, 4, 5]); // relocations: R_WASM_MEMORY_ADDR_LEB, _SLEB, _I32
const WITH_ADDEND = new Set([...TO_MEMORY, 8, 9, 11, 14, 15, 16, 17, 21, 22, 23, 25]);

class Reader {
  constructor(bytes, { from, to = bytes.length }) {
    Object.assign(this, { bytes, at: from, to });
  }
  byte() {
    return this.bytes[this.at++];
  }
  /** An LEB128 number; one below zero comes out wrong, but of the right length. */
  number() {
    let value = 0;
    for (let weight = 1; ; weight *= 128) {
      const byte = this.byte();
      value += (byte & 127) * weight;
      if (byte < 128) return value;
    }
  }
  /** Goes past as many bytes as the number that comes first says; where they are. */
  range() {
    const length = this.number();
    const from = this.at;
    this.at += length;
    return { from, to: this.at };
  }
  text() {
    const { from, to } = this.range();
    return Buffer.from(this.bytes.subarray(from, to)).toString();
  }
  list(read) {
    return Array.from({ length: this.number() }, (_, index) => read(index));
  }
  /** Parts that each begin with a byte for their kind and their length. */
  *parts() {
    while (this.at < this.to) yield [this.byte(), this.range()];
  }
}

/** The module without what the linker wrote down, which no longer fits once its code has been moved. */
export function withoutLinking(wasm) {
  const kept = [wasm.subarray(0, HEADER)];
  let from = HEADER;
  for (const [kind, range] of new Reader(wasm, { from: HEADER }).parts()) {
    const name = kind === CUSTOM ? new Reader(wasm, range).text() : '';
    if (name !== 'linking' && !name.startsWith('reloc.')) kept.push(wasm.subarray(from, range.to));
    from = range.to;
  }
  return Buffer.concat(kept);
}

/**
 * Of a module as the linker wrote it:
 * - `functions`: its own: `{ name, from, to }`, where in the file
 * - `segments` of the data: `{ name, from, to }`, addresses in memory
 * - `symbols`: by their index `{ from, to }`, addresses; only those of data that is here
 * - `inCode`, `inData`: each place that points to data: `{ at, symbol }`, in order, where in the file or at which address
 */
export function readLinking(wasm) {
  const sections = {};
  for (const [kind, range] of new Reader(wasm, { from: HEADER }).parts()) {
    const reader = new Reader(wasm, range);
    sections[kind === CUSTOM ? reader.text() : kind] = reader;
  }
  for (const name of ['name', 'linking', 'reloc.CODE', 'reloc.DATA']) {
    if (!sections[name]) throw new Error(`the linker wrote no section “${name}”`);
  }
  const start = { code: sections[CODE].at, data: sections[DATA].at };
  const names = readNames(sections.name);
  const imported = countImports(sections[IMPORTS]);
  const functions = sections[CODE].list((index) => ({ name: names.functions.get(imported + index), ...sections[CODE].range() }));
  const segments = sections[DATA].list((index) => {
    const address = readAddress(sections[DATA]);
    const { from, to } = sections[DATA].range();
    return { name: names.segments.get(index), from: address, to: address + to - from, offset: address - from };
  });
  const addressOf = (place) => place + segments.findLast(({ from, offset }) => from - offset <= place).offset;
  return {
    functions,
    segments: segments.map(({ name, from, to }) => ({ name, from, to })),
    symbols: readSymbols(sections.linking, segments),
    inCode: readRelocations(sections['reloc.CODE']).map(({ at, symbol }) => ({ at: start.code + at, symbol })),
    inData: readRelocations(sections['reloc.DATA']).map(({ at, symbol }) => ({ at: addressOf(start.data + at), symbol })),
  };
}

function readNames(reader) {
  const names = { [FUNCTION_NAMES]: new Map(), [SEGMENT_NAMES]: new Map() };
  for (const [kind, range] of reader.parts()) {
    if (!names[kind]) continue;
    const part = new Reader(reader.bytes, range);
    part.list(() => names[kind].set(part.number(), part.text()));
  }
  return { functions: names[FUNCTION_NAMES], segments: names[SEGMENT_NAMES] };
}

/** How many functions come from elsewhere: they have the first numbers. */
function countImports(reader) {
  return reader.list(() => {
    reader.range();
    reader.range();
    if (reader.byte() !== FUNCTION_IMPORT) throw new Error('the linked program imports more than functions');
    reader.number();
  }).length;
}

/** Where an active segment of the only memory goes. */
function readAddress(reader) {
  if (reader.number() !== 0 || reader.byte() !== I32_CONST) throw new Error('a data segment that is not put at a fixed address');
  const address = reader.number();
  reader.byte();
  return address;
}

function readSymbols(reader, segments) {
  if (reader.number() !== 2) throw new Error('the linker speaks another version of its conventions');
  const symbols = [];
  for (const [kind, range] of reader.parts()) {
    if (kind !== SYMBOL_TABLE) continue;
    const part = new Reader(reader.bytes, range);
    part.list(() => symbols.push(readSymbol(part, segments)));
  }
  return symbols;
}

function readSymbol(reader, segments) {
  const kind = reader.byte();
  const flags = reader.number();
  const isHere = (flags & UNDEFINED) === 0;
  if (kind === DATA_SYMBOL) {
    reader.text();
    if (!isHere) return null;
    const { from } = segments[reader.number()];
    const offset = reader.number();
    return { from: from + offset, to: from + offset + reader.number() };
  }
  reader.number();
  if (kind !== SECTION_SYMBOL && (isHere || (flags & NAMED) !== 0)) reader.text();
  return null;
}

function readRelocations(reader) {
  const found = [];
  reader.number();
  reader.list(() => {
    const kind = reader.byte();
    const at = reader.number();
    const symbol = reader.number();
    if (WITH_ADDEND.has(kind)) reader.number();
    if (TO_MEMORY.has(kind)) found.push({ at, symbol });
  });
  return found;
}
