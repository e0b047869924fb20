import { computed, effect, signal } from '@preact/signals';
import { languages } from './messages.ts';

export type Language = keyof typeof languages;
export type Theme = 'auto' | 'light' | 'dark';

/** Storage may be forbidden: then a choice lasts as long as the page. */
export function stored(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

function store(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    // Kept for as long as the page.
  }
}

const preferred = navigator.language.startsWith('ko') ? 'ko' : 'en';
const given = stored('language');

export const language = signal<Language>(given === 'ko' || given === 'en' ? given : preferred);
export const messages = computed(() => languages[language.value]);

const givenTheme = stored('theme');
export const theme = signal<Theme>(givenTheme === 'light' || givenTheme === 'dark' ? givenTheme : 'auto');

const systemIsDark = matchMedia('(prefers-color-scheme: dark)');
const systemDark = signal(systemIsDark.matches);
systemIsDark.addEventListener('change', ({ matches }) => {
  systemDark.value = matches;
});
export const isDark = computed(() => (theme.value === 'auto' ? systemDark.value : theme.value === 'dark'));

export function choose(name: 'language' | 'theme', value: string): void {
  store(name, value);
  if (name === 'language') language.value = value as Language;
  else theme.value = value as Theme;
}

effect(() => {
  document.documentElement.lang = language.value;
  document.title = messages.value.title;
});
effect(() => {
  document.documentElement.dataset.theme = isDark.value ? 'dark' : 'light';
});

export const number = computed(() => new Intl.NumberFormat(language.value));
