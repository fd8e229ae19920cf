// The learner's browser: what a simulated server answered, shown in a frame without scripts. The program calls
// `sayaWindow.show(frame, body, type, address)`; what is pressed in the page comes back as `saya:visit` with JSON. Loaded when the
// first page is opened.
(() => {
  // A page shows what came in it: whatever would be fetched from somewhere is not there.
  const GONE = 'script, link, meta, base, iframe, frame, object, embed, applet, template, audio, video, source, track';
  const FETCHES = /^(on.*|src|srcset|srcdoc|background|poster|ping|formaction|xlink:href|autofocus)$/;
  const foreign = (css) => css.replace(/@import[^;]*;?|url\([^)]*\)|image-set\([^)]*\)/gi, '');
  // Servers of Saya send no style sheets. The classes are Bootstrap's, as phpMyAdmin uses them.
  const STYLE = `
    :root { color-scheme: light; }
    body { margin: 0; padding: 14px 18px; background: #fff; color: #1d2129; font: 14px/1.5 system-ui, "Noto Sans CJK JP", "Noto Sans CJK KR", sans-serif; overflow-wrap: anywhere; }
    body.plain { padding: 0; } body.plain pre { margin: 0; padding: 12px 14px; white-space: pre-wrap; font: 13px/1.5 ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
    h1 { font-size: 22px; line-height: 1.3; } h2 { font-size: 17px; } a { color: #0b57c2; }
    input, select, textarea, button { max-width: 100%; padding: 5px 8px; border: 1px solid #777e8c; border-radius: 4px; background: #fff; color: inherit; font: inherit; }
    input[type=submit], button { border-color: #1f66d6; background: #1f66d6; color: #fff; cursor: pointer; } textarea { width: 100%; min-height: 64px; }
    :focus-visible { outline: 2px solid #1f66d6; outline-offset: 1px; }
    table { border-collapse: collapse; } td, th { padding: 4px 10px; border: 1px solid #cfd4dc; text-align: left; }
    .hide:not(.js-show) { display: none; } .container { max-width: 420px; margin: 0 auto; } .mb-4 { margin: 12px 0; }
    .card { border: 1px solid #cfd4dc; border-radius: 6px; overflow: hidden; } .card-header, .card-footer { padding: 8px 14px; background: #eef1f5; } .card-header { font-weight: 600; } .card-footer { text-align: right; }
    .card-body { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 8px 12px; align-items: center; padding: 12px 14px; }
    .alert { margin: 10px 0; padding: 8px 12px; border: 1px solid #9ec5fe; border-radius: 5px; background: #e7f1ff; } .alert-danger { border-color: #f1aeb5; background: #fdecee; color: #6d1a22; } .alert-success { border-color: #a3cfbb; background: #e6f4ec; }
    #pma_navigation { float: left; width: 150px; margin: 0 16px 16px 0; padding-right: 10px; border-right: 1px solid #cfd4dc; } #pma_navigation ul { margin: 0 0 10px; padding: 0; list-style: none; } #page_content { overflow: hidden; }
    @media (max-width: 420px) { #pma_navigation { float: none; width: auto; border: 0; } .card-body { grid-template-columns: 1fr; } }`;

  /** The document of an answer, without anything that acts or fetches. */
  function clean(body, type) {
    if (type && !/html/i.test(type)) {
      const page = document.implementation.createHTMLDocument('');
      page.body.className = 'plain';
      page.body.appendChild(page.createElement('pre')).textContent = body;
      return page;
    }
    // Handlers go before anything reads them, for browsers complain of each; and once more below, where none can hide.
    const quiet = body.replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/([\s/"'])on(\w+\s*=)/gi, '$1data-on$2'));
    const page = new DOMParser().parseFromString(quiet, 'text/html');
    for (const image of page.querySelectorAll('img, image')) image.replaceWith(image.getAttribute('alt') ?? '');
    for (const element of page.querySelectorAll(GONE)) element.remove();
    for (const element of page.querySelectorAll('noscript')) element.replaceWith(...element.childNodes);
    for (const element of page.querySelectorAll('style')) element.textContent = foreign(element.textContent);
    for (const element of page.querySelectorAll('*')) {
      for (const { name, value } of [...element.attributes]) {
        if (FETCHES.test(name) || (name === 'href' && !/^(a|area)$/.test(element.localName))) element.removeAttribute(name);
        else if (name === 'style') element.setAttribute(name, foreign(value));
      }
    }
    return page;
  }

  const visit = (method, url, body = '') => dispatchEvent(new CustomEvent('saya:visit', { detail: JSON.stringify({ method, url, body }) }));

  /** What is pressed in a page is asked for in the simulation. */
  function listen(inner, address) {
    const send = (form, button) => {
      const data = new FormData(form);
      if (button?.name) data.append(button.name, button.value);
      const fields = new URLSearchParams([...data].filter(([, value]) => typeof value === 'string'));
      const url = new URL(form.getAttribute('action') ?? '', address);
      if (/^post$/i.test(form.getAttribute('method') ?? '')) return visit('POST', url.href, fields.toString());
      url.search = fields.toString();
      visit('GET', url.href);
    };
    inner.addEventListener('click', (event) => {
      const link = event.target.closest?.('a[href], area[href]');
      if (!link) return;
      event.preventDefault();
      const to = link.getAttribute('href');
      if (to.startsWith('#')) return inner.getElementById(to.slice(1))?.scrollIntoView();
      const url = new URL(to, address);
      if (/^https?:$/.test(url.protocol)) visit('GET', url.href);
    });
    inner.addEventListener('submit', (event) => {
      event.preventDefault();
      send(event.target, event.submitter);
    });
    inner.addEventListener('change', (event) => event.target.matches?.('select.autosubmit') && send(event.target.form));
  }

  function show(frame, body, type, address) {
    const page = clean(body, type);
    const style = page.createElement('style');
    style.textContent = STYLE;
    page.head.prepend(style);
    frame.onload = () => frame.contentDocument && listen(frame.contentDocument, address);
    frame.srcdoc = `<!doctype html>${page.documentElement.outerHTML}`;
    return page.title;
  }

  window.sayaWindow = { show };
})();
