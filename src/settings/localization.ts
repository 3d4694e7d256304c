/** Settings of PRODUCT.md rows 94 and 95: who runs the gateway, and how numbers and texts are written. */
import { flag, group, oneOf, settingName, text } from "./kinds.js";

const freeText = (setting: number, help: string) =>
  text({ default: "", minLength: 0, maxLength: 128, help, logicalName: settingName(1, setting) });

/** Beside name and serial: what people write about the place. */
export const identityTexts = {
  company: freeText(5, "Company that runs the gateway, shown in reports."),
  department: freeText(6, "Name or department."),
  addressLine1: freeText(7, "Postal address, first line."),
  addressLine2: freeText(8, "Postal address, second line."),
  addressLine3: freeText(9, "Postal address, third line."),
  addressLine4: freeText(10, "Postal address, fourth line."),
};

export const conventions = group(
  {
    language: oneOf(["en", "fr", "sv", "de"], {
      default: "en",
      built: false,
      help: "Language of the web pages and of texts in reports.",
      logicalName: settingName(40, 1),
    }),
    decimalSeparator: oneOf([".", ","], {
      default: ".",
      built: false,
      help: "Decimal separator in reports.",
      logicalName: settingName(40, 2),
    }),
    reportSeparator: oneOf([";", ",", "tab"], {
      default: ";",
      built: false,
      help: "Separator of columns in reports.",
      logicalName: settingName(40, 3),
    }),
    encoding: oneOf(["windows-1252", "iso-8859-1", "utf-8"], {
      default: "windows-1252",
      built: false,
      help: "Character encoding of reports.",
      logicalName: settingName(40, 4),
    }),
    firstWeekday: oneOf(["monday", "sunday", "saturday"], {
      default: "monday",
      built: false,
      help: "First day of the week in calendars.",
      logicalName: settingName(40, 5),
    }),
  },
  "How texts and numbers are written.",
);

export const branding = group(
  {
    colour: text({
      default: "#1c7ed6",
      pattern: "^#[0-9a-fA-F]{6}$",
      wanted: "a colour such as #1c7ed6",
      built: false,
      help: "Main colour of the web pages.",
      logicalName: settingName(41, 1),
    }),
    supportLink: text({
      default: "",
      minLength: 0,
      maxLength: 2000,
      check: "httpUrlOrNone",
      built: false,
      help: "Where the support link of the web pages leads; empty: no link.",
      logicalName: settingName(41, 2),
    }),
    showVersion: flag({
      default: true,
      built: false,
      help: "Whether the sign-in page shows the version.",
      logicalName: settingName(41, 3),
    }),
  },
  "The look of the web pages.",
);
