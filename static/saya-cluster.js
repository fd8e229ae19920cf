// <saya-cluster>: a live cluster in any page, without a build tool. The page of Saya lies in this script's own folder.
//
//   <script src="saya/saya-cluster.js" defer></script>
//   <saya-cluster src="deploy.yml service.yml" run="kubectl apply -f ."></saya-cluster>
//
// src     manifests, by addresses as this document sees them; white space between them
// run     commands, a line each, typed as soon as the cluster is there
// link    instead of both: the fragment of a share link
// page    where the page lies, if not beside this script
// view    diagram, terminal, editor; profile, lang, theme, speed: as in the page's address
// height  in pixels; without it as high as the page asks for
// lazy    click (the default): the picture inside stands until it is clicked; view: until it is scrolled to; no: at once
(() => {
  const home = new URL('.', document.currentScript.src).href;
  const WORDS = {
    en: { start: 'Start the cluster', title: 'A Kubernetes cluster', failed: 'could not be loaded' },
    ja: { start: 'クラスターを起動', title: 'Kubernetes クラスター', failed: 'を読み込めませんでした' },
    ko: { start: '클러스터 시작', title: 'Kubernetes 클러스터', failed: '을(를) 불러오지 못했습니다' },
  };

  function crc32(bytes) {
    let crc = -1;
    for (const byte of bytes) {
      crc ^= byte;
      for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ((crc ^ -1) >>> 0).toString(16).padStart(8, '0');
  }

  // docs/link-format.md
  async function fragment(files, commands, profile) {
    const lines = ['saya 1', `profile ${profile || 'docker-desktop'}`, 'seed 1', 'date 2026-11-20T09:00:00Z'];
    for (const [path, text] of files) {
      lines.push(`file ${JSON.stringify(path)}`);
      const whole = text.split('\n');
      const last = whole.pop();
      for (const line of whole) lines.push(/[\r\0]/.test(line) ? `|${JSON.stringify(line)}` : line ? `| ${line}` : '|');
      if (last) lines.push(`\\${JSON.stringify(last)}`);
    }
    commands.forEach((command, at) => lines.push(`at ${4 * at} type 1 ${JSON.stringify(`${command}\n`)}`));
    const bytes = new TextEncoder().encode(lines.map((line) => `${line}\n`).join(''));
    const deflated = new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate-raw'));
    const raw = new Uint8Array(await new Response(deflated).arrayBuffer());
    const data = btoa(Array.from(raw, (byte) => String.fromCharCode(byte)).join(''))
      .replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
    return `s=1.${data}.${data.length}.${crc32(bytes)}`;
  }

  /** Light or dark, as the page around says: by its own switch, else by the paper that it is printed on. */
  function themeAround() {
    for (const element of [document.documentElement, document.body]) {
      const said = element.dataset.theme ?? element.dataset.mode;
      if (said === 'dark' || said === 'light') return said;
      if (said === 'auto') return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
    }
    const [red, green, blue, alpha] = getComputedStyle(document.body).backgroundColor.match(/[\d.]+/g) ?? [];
    const dark = alpha !== '0' && red !== undefined && 0.3 * red + 0.6 * green + 0.1 * blue < 100;
    return dark ? 'dark' : 'light';
  }

  class SayaCluster extends HTMLElement {
    #frame = null;
    #ready = false;
    #waiting = [];

    connectedCallback() {
      if (this.#frame) return;
      const lazy = this.getAttribute('lazy') ?? 'click';
      if (lazy === 'no') this.start();
      else if (lazy === 'view') {
        const seen = new IntersectionObserver((entries) => {
          if (entries.some((entry) => entry.isIntersecting)) {
            seen.disconnect();
            this.start();
          }
        });
        seen.observe(this);
      } else this.#offer();
    }

    get #words() {
      const tag = (this.getAttribute('lang') || document.documentElement.lang || 'en').slice(0, 2).toLowerCase();
      return WORDS[tag] ?? WORDS.en;
    }

    #offer() {
      // A poster may bring its own button.
      let button = this.querySelector('button');
      if (!button) {
        button = document.createElement('button');
        button.type = 'button';
        button.textContent = `▶ ${this.#words.start}`;
        this.append(button);
      }
      button.hidden = false;
      const start = (event) => {
        event.preventDefault();
        this.start(true);
      };
      button.addEventListener('click', start);
      this.querySelector('.saya-poster')?.addEventListener('click', start);
    }

    /** The address of the page with what it is to show. */
    async #address() {
      const page = new URL(this.getAttribute('page') || home, document.baseURI);
      const query = new URLSearchParams({ embed: '1' });
      for (const name of ['view', 'profile', 'speed', 'autoplay']) {
        if (this.hasAttribute(name)) query.set(name, this.getAttribute(name).trim().split(/[\s,]+/).join(','));
      }
      query.set('lang', this.getAttribute('lang') || document.documentElement.lang || 'en');
      query.set('theme', this.getAttribute('theme') || themeAround());
      let link = this.getAttribute('link');
      if (!link) {
        const names = (this.getAttribute('src') ?? '').split(/\s+/).filter(Boolean);
        const files = await Promise.all(
          names.map(async (name) => {
            const address = new URL(name, document.baseURI);
            const answer = await fetch(address);
            if (!answer.ok) throw new Error(`${name} ${this.#words.failed}`);
            return [address.pathname.split('/').pop(), await answer.text()];
          }),
        );
        const commands = (this.getAttribute('run') ?? '').split('\n').map((line) => line.trim()).filter(Boolean);
        link = await fragment(files, commands, this.getAttribute('profile'));
      }
      page.search = query;
      page.hash = link.replace(/^#/, '');
      return page;
    }

    /** Starts the cluster in place of what is inside. */
    async start(focus = false) {
      if (this.#frame) return;
      const frame = document.createElement('iframe');
      this.#frame = frame;
      let address;
      try {
        address = await this.#address();
      } catch (error) {
        this.#frame = null;
        this.textContent = error.message;
        return;
      }
      const height = parseInt(this.getAttribute('height') ?? '', 10);
      frame.title = this.getAttribute('title') || this.#words.title;
      frame.allow = 'clipboard-write; fullscreen';
      frame.loading = 'lazy';
      frame.style.cssText = `display:block;box-sizing:border-box;width:100%;height:${height || Math.max(this.clientHeight, 320)}px;border:0`;
      addEventListener('message', (event) => {
        if (event.source !== frame.contentWindow) return;
        if (event.data?.type === 'saya:height' && !height) frame.style.height = `${Math.min(Math.max(event.data.height | 0, 120), 2000)}px`;
        if (event.data?.type === 'saya:ready') {
          this.#ready = true;
          this.#waiting.splice(0).forEach((message) => this.#tell(message));
        }
      });
      // The page around may change its colours.
      if (!this.hasAttribute('theme')) {
        const changed = new MutationObserver(() => this.#tell({ type: 'saya:theme', theme: themeAround() }));
        for (const element of [document.documentElement, document.body]) {
          changed.observe(element, { attributes: true, attributeFilter: ['data-theme', 'data-mode', 'class'] });
        }
      }
      frame.src = address.href;
      this.replaceChildren(frame);
      this.classList.add('saya-live');
      // Whoever pressed the button stands in the frame that took its place.
      if (focus) frame.focus({ preventScroll: true });
    }

    #tell(message) {
      if (this.#ready) this.#frame.contentWindow.postMessage(message, '*');
      else this.#waiting.push(message);
    }

    /** Types commands in the cluster, which is started if it is not running yet. */
    run(commands) {
      this.start();
      this.#tell({ type: 'saya:run', commands });
    }
  }
  customElements.define('saya-cluster', SayaCluster);
})();
