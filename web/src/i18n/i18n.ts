import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { en } from "./en.js";

/** Another language is another file like en.ts, listed here. */
export const catalogues = { en: { translation: en } };

void i18next.use(initReactI18next).init({
  resources: catalogues,
  lng: navigator.language.split("-")[0] ?? "en",
  fallbackLng: "en",
  supportedLngs: Object.keys(catalogues),
  interpolation: { escapeValue: false },
});
