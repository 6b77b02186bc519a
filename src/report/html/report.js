// The before/after viewer, made of the gallery's pictures. Without this script the gallery itself is shown.
(() => {
  "use strict";
  const viewer = document.querySelector(".viewer");
  if (!viewer) return;
  const rows = [...document.querySelectorAll(".gallery .row")].map((row) => [...row.querySelectorAll("img")]);
  if (rows.length === 0) return;
  const stage = viewer.querySelector(".stage"), slider = stage.querySelector("input");
  const sides = ["left", "right"];
  const select = Object.fromEntries(sides.map((side) => [side, viewer.querySelector(`select[data-side=${side}]`)]));
  let photo = 0;

  const show = () => {
    const names = {};
    for (const side of sides) {
      const index = select[side].selectedIndex, from = rows[photo][index];
      if (!from) continue;
      const to = stage.querySelector(`img.${side}`);
      to.src = from.src;
      to.alt = from.alt;
      to.width = from.width;
      to.height = from.height;
      names[side] = select[side].options[index].text;
      stage.querySelector(`.tag.${side}`).textContent = names[side];
    }
    const shape = rows[photo][0];
    stage.style.aspectRatio = `${shape.getAttribute("width")} / ${shape.getAttribute("height")}`;
    slide();
  };
  const slide = () => {
    stage.style.setProperty("--at", `${slider.value}%`);
    slider.setAttribute("aria-valuetext", `${slider.value}% ${select.left.value}, ${100 - slider.value}% ${select.right.value}`);
  };

  const thumbs = viewer.querySelector(".thumbs");
  rows.forEach((pictures, index) => {
    const label = document.createElement("label"), radio = document.createElement("input"), image = new Image();
    radio.type = "radio";
    radio.name = "photo";
    radio.checked = index === 0;
    radio.addEventListener("change", () => { photo = index; show(); });
    image.src = pictures[0].src;
    image.alt = pictures[0].closest(".row").querySelector("figcaption").textContent;
    label.append(radio, image);
    thumbs.append(label);
  });
  thumbs.hidden = rows.length < 2;

  select.left.selectedIndex = Math.min(1, select.left.options.length - 1);
  select.right.selectedIndex = Math.min(2, select.right.options.length - 1);
  for (const side of sides) select[side].addEventListener("change", show);
  slider.addEventListener("input", slide);
  document.documentElement.classList.add("scripted");
  viewer.hidden = false;
  show();
})();
