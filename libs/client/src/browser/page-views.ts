import { cleanText } from './clean-text.ts';

export interface PageView {
  elementId: string;
  properties: { url: string; referrer: string; title: string };
}

/**
 * Records this page, and in a single-page app each other that its history comes to; a part of a page (#…) is none.
 * Answers how to look at once, whatever is still to be noticed.
 */
export function watchPageViews(record: (view: PageView) => void): () => void {
  let seen = '';
  let referrer = document.referrer;

  // The longest of these together are well below what `properties` may be.
  function look(): void {
    const { pathname, search, href } = location;
    if (pathname + search === seen) return;
    seen = pathname + search;
    record({
      elementId: pathname,
      properties: {
        url: cleanText(href, 1000),
        referrer: cleanText(referrer, 1000),
        title: cleanText(document.title, 300),
      },
    });
    referrer = href;
  }

  // A moment later: by then the app has given the page its title.
  const lookSoon = () => setTimeout(look);
  for (const method of ['pushState', 'replaceState'] as const) {
    const original = history[method];
    history[method] = function changed(this: History, ...change) {
      original.apply(this, change);
      lookSoon();
    };
  }
  addEventListener('popstate', lookSoon);
  addEventListener('pageshow', ({ persisted }) => {
    if (!persisted) return;
    // Back from the browser's cache: the page is seen again.
    seen = '';
    look();
  });
  look();
  return look;
}
