import { createTheme } from "@mantine/core";

const systemFonts = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif';

export const theme = createTheme({
  fontFamily: systemFonts,
  fontFamilyMonospace: 'ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace',
  headings: { fontFamily: systemFonts, fontWeight: "650" },
  primaryColor: "sea",
  primaryShade: { light: 8, dark: 4 },
  autoContrast: true,
  defaultRadius: "md",
  cursorType: "pointer",
  colors: {
    sea: ["#e9f5f9", "#d2e8f0", "#a7d2e2", "#78bad3", "#54a8c8", "#2f93b8", "#1a82a8", "#0f7094", "#0a5f7e", "#064c66"],
    dark: [
      "#dde3ea",
      "#b9c2cd",
      "#a0abb8",
      "#6b7684",
      "#4a5461",
      "#37404b",
      "#242b34",
      "#1a2028",
      "#12171d",
      "#0c1014",
    ],
  },
});
