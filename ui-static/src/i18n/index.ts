// Which language is shown: remembered, else the browser's, else German.
import { remembered, useStore } from '../state/store';
import { de, type Messages } from './de';
import { en } from './en';

export const languages = ['de', 'en'] as const;
export type Language = (typeof languages)[number];

export type { Messages };

const tables: Record<Language, Messages> = { de, en };

const preferred: Language = navigator.language.toLowerCase().startsWith('en') ? 'en' : 'de';

export const language = remembered<Language>('umlauf.language', languages, preferred);

const showInDocument = () => {
    document.documentElement.lang = language.get();
};
showInDocument();
language.watch(showInDocument);

export function text(): Messages {
    return tables[language.get()];
}

export function useText(): Messages {
    return tables[useStore(language)];
}
