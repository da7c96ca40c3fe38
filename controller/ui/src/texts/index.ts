import i18n from "i18next";
import { initReactI18next } from "react-i18next";
import { vietnamese } from "./vietnamese";

export type Language = "vi" | "en";

const KEY = "loaxa.language";

function stored(): Language {
  return localStorage.getItem(KEY) === "en" ? "en" : "vi";
}

void i18n.use(initReactI18next).init({
  resources: { vi: { translation: vietnamese } },
  lng: "vi",
  fallbackLng: "vi",
  interpolation: { escapeValue: false },
});

/** Shows all texts in a language; English is only loaded by those who read it. */
async function show(language: Language): Promise<void> {
  if (language === "en" && !i18n.hasResourceBundle("en", "translation")) {
    const { english } = await import("./english");
    i18n.addResourceBundle("en", "translation", english);
  }
  await i18n.changeLanguage(language);
  document.documentElement.lang = language;
}

export function chooseLanguage(language: Language): void {
  localStorage.setItem(KEY, language);
  void show(language);
}

/** Settles when the texts are there in the language that was chosen before. */
export const ready: Promise<void> = show(stored()).catch(() => undefined);
