/**
 * An expression for the page: texts whose contrast to their background is below WCAG 2.2 AA (4.5, large text 3), by
 * the formulas of that document. Colours are drawn to a canvas and read back, so that any CSS colour counts.
 */
export const lowContrastTexts = `(() => {
  const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const over = (below, colour) => {
    context.fillStyle = "rgb(" + below.join(",") + ")";
    context.fillRect(0, 0, 1, 1);
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const background = (element) => {
    const below = element.parentElement === null ? [255, 255, 255] : background(element.parentElement);
    return over(below, getComputedStyle(element).backgroundColor);
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement;
    if (node.data.trim() === "" || element.closest("script, style, noscript") || !element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const ground = background(element);
    const [light, dark] = [luminance(over(ground, style.color)), luminance(ground)].sort((a, b) => b - a);
    const ratio = (light + 0.05) / (dark + 0.05);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (isLarge ? 3 : 4.5)) found.push(node.data.trim() + ": " + ratio.toFixed(2));
  }
  return found;
})()`;
