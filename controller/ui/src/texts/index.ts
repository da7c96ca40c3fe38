import i18n from "i18next";
import { initReactI18next } from "react-i18next";

export const languages = ["vi", "en"] as const;
export type Language = (typeof languages)[number];

type Texts = Record<string, unknown>;

// One file per feature and language; its name is the first part of its keys.
const files = import.meta.glob<Texts>("./*/*.json", { eager: true, import: "default" });

function catalogue(language: Language): Texts {
  const found: Texts = {};
  for (const [path, texts] of Object.entries(files)) {
    const [, folder, file] = path.split("/");
    if (folder === language && file) found[file.replace(".json", "")] = texts;
  }
  return found;
}

export const catalogues: Record<Language, Texts> = { vi: catalogue("vi"), en: catalogue("en") };

const KEY = "loaxa.language";

function stored(): Language {
  return localStorage.getItem(KEY) === "en" ? "en" : "vi";
}

void i18n.use(initReactI18next).init({
  resources: { vi: { translation: catalogues.vi }, en: { translation: catalogues.en } },
  lng: stored(),
  fallbackLng: "vi",
  interpolation: { escapeValue: false },
});

export function chooseLanguage(language: Language): void {
  localStorage.setItem(KEY, language);
  document.documentElement.lang = language;
  void i18n.changeLanguage(language);
}

document.documentElement.lang = i18n.language;
