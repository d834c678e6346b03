// Text of the page that is too faint to be read (WCAG 2.1, 1.4.3: 4.5, large text 3), as sentences.
(() => {
  const numbers = colour => (colour.match(/[\d.]+/g) || []).map(Number);
  const shine = colour => {
    const [r, g, b] = numbers(colour).slice(0, 3).map(c => {
      const share = c / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = element => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (numbers(colour)[3] !== 0) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const faint = [];
  for (const element of document.body.querySelectorAll("*")) {
    const said = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    if (!said || !element.checkVisibility() || element.closest("svg")) continue;
    const look = getComputedStyle(element);
    const size = parseFloat(look.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(look.fontWeight) >= 700);
    const [light, dark] = [shine(look.color), shine(ground(element))].sort((a, b) => b - a);
    const contrast = (light + 0.05) / (dark + 0.05);
    if (contrast < (large ? 3 : 4.5)) {
      faint.push(`${element.tagName} "${element.textContent.trim().slice(0, 30)}": ${contrast.toFixed(2)}`);
    }
  }
  return faint;
})()
