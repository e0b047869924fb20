/** Records clicks in elements that carry `data-track`, by its value, or their id. Whoever stops the click, it was one. */
export function watchClicks(record: (elementId: string) => void): void {
  const look = ({ target }: Event) => {
    const element = (target as Element | null)?.closest?.('[data-track]');
    if (element) record(element.getAttribute('data-track') || element.id || element.tagName.toLowerCase());
  };
  document.addEventListener('click', look, true);
}
