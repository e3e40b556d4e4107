// SPDX-License-Identifier: GPL-3.0-or-later
//
// Pictures in, the text of a QR code out.  Frames of a camera, or a photo; they are read in a worker
// (scanner/worker.js), so that the page stays quick, and are let go at once.
//
// Not for: what the text means.

const SIDE_MAX = 2000; // of a photo: what phones make today is larger than any code needs

let worker = null,
  waiting = [];

function startWorker() {
  worker = new Worker('/v/scanner/worker.js', { type: 'module' });
  worker.onmessage = ({ data }) => waiting.shift()?.(data);
  worker.onerror = event => {
    // it is not there
    event.preventDefault();
    for (const answer of waiting.splice(0)) answer(null);
    worker = null;
  };
}

// The text in that picture, '' when there is none, null when there is no scanner.
function readPicture(image) {
  if (!worker) startWorker();
  return new Promise(resolve => {
    waiting.push(resolve);
    worker.postMessage(image, [image.data.buffer]);
  });
}

function pixelsOf(source, width, height) {
  const scale = Math.min(1, SIDE_MAX / Math.max(width, height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

// What is no picture that this browser knows has no code either.
export async function readPhoto(file) {
  const picture = await createImageBitmap(file).catch(() => null);
  if (!picture) return '';
  const pixels = pixelsOf(picture, picture.width, picture.height);
  picture.close();
  return readPicture(pixels);
}

export function hasCamera() {
  return Boolean(navigator.mediaDevices?.getUserMedia);
}

// A camera at work: `found` is called once, with the first text, or null when there is no scanner; stop() ends it.
export class Camera {
  constructor(video) {
    this.video = video;
  }

  async start(found) {
    const video = { facingMode: 'environment', width: { ideal: 1280 }, height: { ideal: 720 } };
    this.stream = await navigator.mediaDevices.getUserMedia({ video, audio: false });
    this.video.srcObject = this.stream;
    await this.video.play();
    this.look(found);
  }

  async look(found) {
    while (this.stream?.active) {
      const { videoWidth, videoHeight } = this.video;
      const text = videoWidth ? await readPicture(pixelsOf(this.video, videoWidth, videoHeight)) : '';
      if (!this.stream) return;
      if (text || text === null) return found(text);
      await new Promise(resolve => setTimeout(resolve, 60));
    }
  }

  stop() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
    this.video.srcObject = null;
  }
}
