// A made-up picture of a fall, for those who have none at hand.

const WIDTH = 640;
const HEIGHT = 480;

/** A living room with somebody on the floor, as a JPEG. */
export function samplePicture() {
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const pen = canvas.getContext("2d");
  room(pen);
  furniture(pen);
  person(pen);
  overlay(pen);
  return new Promise((resolve) => { canvas.toBlob(resolve, "image/jpeg", 0.85); });
}

function shape(pen, colour, draw) {
  pen.fillStyle = colour;
  pen.beginPath();
  draw(pen);
  pen.fill();
}

function box(pen, colour, x, y, width, height, radius = 0) {
  shape(pen, colour, () => pen.roundRect(x, y, width, height, radius));
}

function stroke(pen, colour, width, points) {
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.lineCap = "round";
  pen.lineJoin = "round";
  pen.beginPath();
  points.forEach(([x, y], i) => (i === 0 ? pen.moveTo(x, y) : pen.lineTo(x, y)));
  pen.stroke();
}

function gradient(pen, top, bottom, from, to) {
  const colours = pen.createLinearGradient(0, top, 0, bottom);
  colours.addColorStop(0, from);
  colours.addColorStop(1, to);
  return colours;
}

function room(pen) {
  box(pen, gradient(pen, 0, 270, "#e9dcc3", "#d9c7a5"), 0, 0, WIDTH, 270);
  box(pen, gradient(pen, 270, HEIGHT, "#a97a4f", "#8a5f3b"), 0, 270, WIDTH, HEIGHT - 270);
  for (let y = 300; y < HEIGHT; y += 36) {
    stroke(pen, "rgb(70 40 20 / 0.18)", 2, [[0, y], [WIDTH, y]]);
  }
  box(pen, "#f4ead6", 0, 260, WIDTH, 12);
}

function furniture(pen) {
  // A window, and its light on the floor.
  box(pen, "#f8f3e8", 52, 46, 168, 140, 4);
  box(pen, gradient(pen, 56, 176, "#9cc7dd", "#e4eee6"), 62, 56, 148, 120);
  stroke(pen, "#f8f3e8", 8, [[136, 56], [136, 176]]);
  stroke(pen, "#f8f3e8", 6, [[62, 116], [210, 116]]);
  shape(pen, "rgb(255 240 200 / 0.22)", () => {
    pen.moveTo(90, 272);
    pen.lineTo(260, 272);
    pen.lineTo(360, HEIGHT);
    pen.lineTo(110, HEIGHT);
  });
  // A sofa.
  box(pen, "rgb(40 20 10 / 0.2)", 340, 300, 270, 22, 11);
  box(pen, "#4d7069", 350, 158, 250, 110, 22);
  box(pen, "#5d837b", 364, 218, 222, 70, 14);
  box(pen, "#42625c", 330, 200, 48, 108, 18);
  box(pen, "#42625c", 572, 200, 48, 108, 18);
  box(pen, "#d8a25e", 392, 188, 56, 52, 12);
  // A lamp.
  stroke(pen, "#5b4a3a", 6, [[282, 296], [282, 122]]);
  box(pen, "#5b4a3a", 260, 292, 44, 10, 5);
  shape(pen, "#f6dfa6", () => {
    pen.moveTo(258, 76);
    pen.lineTo(306, 76);
    pen.lineTo(324, 130);
    pen.lineTo(240, 130);
  });
  // A rug.
  shape(pen, "#8f4b40", () => pen.ellipse(330, 402, 236, 58, 0, 0, 2 * Math.PI));
  shape(pen, "#b4695a", () => pen.ellipse(330, 400, 206, 46, 0, 0, 2 * Math.PI));
}

function person(pen) {
  shape(pen, "rgb(50 20 10 / 0.3)", () => pen.ellipse(330, 424, 168, 16, 0, 0, 2 * Math.PI));
  // Legs and slippers.
  stroke(pen, "#39435a", 34, [[336, 396], [418, 376], [466, 412]]);
  stroke(pen, "#4a5570", 34, [[330, 402], [410, 408], [484, 412]]);
  stroke(pen, "#2c2a2a", 20, [[492, 416], [502, 398]]);
  // A cardigan, and an arm that reaches out.
  stroke(pen, "#7e8fb5", 62, [[246, 394], [316, 394]]);
  stroke(pen, "#6b7ca3", 24, [[250, 402], [208, 430], [160, 432]]);
  shape(pen, "#e3b999", () => pen.arc(150, 432, 12, 0, 2 * Math.PI));
  // A head with grey hair.
  shape(pen, "#e3b999", () => pen.arc(190, 384, 30, 0, 2 * Math.PI));
  shape(pen, "#d6d5d2", () => pen.arc(184, 380, 32, 0.55 * Math.PI, 1.62 * Math.PI));
  stroke(pen, "#5a3d30", 3, [[198, 388], [206, 390]]);
  // A stick.
  stroke(pen, "#5a3a1e", 8, [[96, 452], [250, 462], [268, 456], [266, 446]]);
}

function overlay(pen) {
  pen.strokeStyle = "#ff5a3c";
  pen.lineWidth = 4;
  pen.strokeRect(128, 340, 396, 116);
  box(pen, "#ff5a3c", 126, 312, 132, 28);
  pen.fillStyle = "#fff";
  pen.font = "bold 17px sans-serif";
  pen.fillText("FALL  0.97", 138, 332);
  box(pen, "rgb(0 0 0 / 0.55)", 0, 0, WIDTH, 34);
  shape(pen, "#ff5a3c", () => pen.arc(22, 17, 7, 0, 2 * Math.PI));
  pen.fillStyle = "#fff";
  pen.font = "16px monospace";
  pen.fillText("CAM 1  SAMPLE", 40, 23);
}
