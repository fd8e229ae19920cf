// What comes to the page from outside, handed to the program as `saya:came` with JSON: dropped files and folders, pasted
// texts, what the page around a frame says, and a newer version of the page itself.
(() => {
  const query = new URLSearchParams(location.search);
  const embedded = !['', '0', 'no', 'false'].includes(query.get('embed') ?? '');
  const come = (what) => dispatchEvent(new CustomEvent('saya:came', { detail: JSON.stringify(what) }));

  if (location.protocol === 'file:') {
    // Browsers start no program from a file: they take every file for a host of its own.
    const text = {
      en: 'Saya cannot start from a file: browsers forbid it. Put its folder on any web server, or type “python3 -m http.server” in it and open http://localhost:8000/.',
      ja: 'Saya はファイルから直接は起動できません（ブラウザーの制限）。フォルダーを Web サーバーに置くか、その中で「python3 -m http.server」を実行して http://localhost:8000/ を開いてください。',
      ko: 'Saya 는 파일에서 바로 시작할 수 없습니다(브라우저 제한). 폴더를 웹 서버에 두거나, 그 안에서 “python3 -m http.server” 를 실행하고 http://localhost:8000/ 을 여세요.',
    };
    const tag = (query.get('lang') ?? navigator.language).slice(0, 2);
    const say = () => {
      const line = document.body.appendChild(document.createElement('p'));
      line.className = 'notice';
      line.textContent = text[tag] ?? text.en;
    };
    if (document.body) say();
    else addEventListener('DOMContentLoaded', say);
    return;
  }

  /** The texts of what was dropped, folders with all that is in them. Must be called before the event is over. */
  function read(transfer) {
    const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    const files = [];
    const walk = async (entry, path) => {
      if (entry.name.startsWith('.')) return;
      if (entry.isFile) {
        const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
        files.push([path + entry.name, file]);
        return;
      }
      const reader = entry.createReader();
      for (;;) {
        const part = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
        if (part.length === 0) return;
        for (const child of part) await walk(child, `${path}${entry.name}/`);
      }
    };
    if (entries.length === 0) files.push(...[...transfer.files].map((file) => [file.name, file]));
    const all = entries.reduce((before, entry) => before.then(() => walk(entry, '')), Promise.resolve());
    return all.then(() => Promise.all(files.map(async ([name, file]) => [name, await file.text()])));
  }

  const carriesFiles = (event) => event.dataTransfer && [...event.dataTransfer.types].includes('Files');
  addEventListener('dragover', (event) => carriesFiles(event) && event.preventDefault());
  // Before the editor, which would put their texts where they fall.
  const dropped = (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    event.stopPropagation();
    read(event.dataTransfer).then((files) => files.length > 0 && come({ files }), console.warn);
  };
  addEventListener('drop', dropped, true);
  // Files chosen in a field of the page.
  addEventListener('change', (event) => {
    if (event.target.type !== 'file') return;
    const chosen = [...event.target.files].map(async (file) => [file.webkitRelativePath || file.name, await file.text()]);
    Promise.all(chosen).then((files) => files.length > 0 && come({ files }), console.warn);
    event.target.value = '';
  });
  // A folder of the person's own disk, where the browser opens one: read once, and written to when a file is saved.
  const TEXT = /\.(ya?ml|json|md|txt|sh|conf|cnf|ini|sql|env|html?|properties|toml)$/i;
  let folder;
  async function texts(directory, path = '') {
    const files = [];
    for await (const [name, handle] of directory.entries()) {
      if (name.startsWith('.') || name === 'node_modules') continue;
      if (handle.kind === 'directory') files.push(...(await texts(handle, `${path}${name}/`)));
      else if (TEXT.test(name)) {
        const file = await handle.getFile();
        if (file.size < 1_000_000) files.push([path + name, await file.text()]);
      }
    }
    return files.sort(([a], [b]) => (a < b ? -1 : 1));
  }
  addEventListener('saya:folder', async () => {
    try {
      folder = await window.showDirectoryPicker({ mode: 'readwrite' });
      come({ folder: [folder.name, await texts(folder)] });
    } catch (error) {
      if (error.name !== 'AbortError') come({ notwritten: error.message });
    }
  });
  let writing = Promise.resolve(); // one after another
  addEventListener('saya:write', ({ detail }) => {
    const [path, text] = JSON.parse(detail);
    writing = writing.then(async () => {
      try {
        const steps = path.split('/');
        let into = folder;
        for (const step of steps.slice(0, -1)) into = await into.getDirectoryHandle(step, { create: true });
        const file = await (await into.getFileHandle(steps.at(-1), { create: true })).createWritable();
        await file.write(text);
        await file.close();
      } catch (error) {
        come({ notwritten: `${path}: ${error.message}` });
      }
    });
  });

  addEventListener('paste', (event) => {
    if (event.target.closest?.('input, textarea, [contenteditable]')) return;
    const text = event.clipboardData?.getData('text/plain') ?? '';
    if (/(^|\n)\s*[{"]*kind"?\s*:|^saya 1|s=1\./.test(text)) come({ files: [['pasted.yml', text]] });
  });

  if (embedded) {
    addEventListener('message', (event) => {
      if (event.source !== parent || parent === window) return;
      if (event.data?.type === 'saya:theme') come({ theme: String(event.data.theme) });
      if (event.data?.type === 'saya:run' && Array.isArray(event.data.commands)) come({ run: event.data.commands.map(String) });
    });
    // The wheel scrolls the page around; with Ctrl it comes closer.
    addEventListener('wheel', (event) => event.ctrlKey || event.stopPropagation(), { capture: true, passive: true });
    return;
  }

  // Works without a network from the second visit on. A newer version is offered, never forced: whoever types goes on.
  if (!('serviceWorker' in navigator)) return;
  let taking = false;
  const offer = (registration) => {
    if (!registration.waiting || !navigator.serviceWorker.controller) return;
    come('update');
    addEventListener('saya:update', () => {
      taking = true;
      registration.waiting?.postMessage('take over');
    });
  };
  navigator.serviceWorker.addEventListener('controllerchange', () => taking && location.reload());
  const register = async () => {
    const registration = await navigator.serviceWorker.register('./service-worker.js', { updateViaCache: 'none' });
    if (!registration) return;
    offer(registration);
    registration.addEventListener('updatefound', () => {
      const worker = registration.installing;
      worker?.addEventListener('statechange', () => worker.state === 'installed' && offer(registration));
    });
  };
  // Not before the page itself is there: its files would come twice at once.
  addEventListener('TrunkApplicationStarted', () => register().catch((error) => console.warn('offline:', error.message)), { once: true });
})();
