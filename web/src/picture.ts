// SPDX-License-Identifier: Apache-2.0
// Photos in, pictures out: decoding, scaling, saving, sharing. All on the device.
import { fit } from './pixels';

const PREVIEW_SIDE = 2048; // the largest preview; the whole photo is decoded again when it is saved

export interface Photo {
  file: File;
  preview: ImageBitmap; // no side above PREVIEW_SIDE
  width: number; // of the photo
  height: number;
  name: string; // without extension
}

/** The current photo, whatever view is open. */
export const session: { photo: Photo | undefined } = { photo: undefined };

export async function openPhoto(file: File): Promise<Photo> {
  const whole = await createImageBitmap(file).catch(() => {
    throw new Error(`${file.name}: this browser cannot read it. Use JPEG, PNG or WebP.`);
  });
  const { width, height } = whole;
  const small = Math.max(width, height) > PREVIEW_SIDE ? await createImageBitmap(pixelsOf(whole, width, height, PREVIEW_SIDE)) : whole;
  if (small !== whole) whole.close(); // 12 megapixels are 48 MB
  session.photo?.preview.close();
  session.photo = { file, preview: small, width, height, name: file.name.replace(/\.[^.]*$/, '') || 'photo' };
  return session.photo;
}

/** The photo for the screen. */
export const previewOf = ({ preview }: Photo, side: number): ImageData => pixelsOf(preview, preview.width, preview.height, side);

/** RGBA pixels with no side above `side`. */
export function pixelsOf(source: CanvasImageSource, width: number, height: number, side: number): ImageData {
  const size = fit(width, height, side);
  const canvas = new OffscreenCanvas(size.width, size.height);
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  context.imageSmoothingQuality = 'high';
  context.drawImage(source, 0, 0, size.width, size.height);
  return context.getImageData(0, 0, size.width, size.height);
}

export type FileType = 'image/jpeg' | 'image/png';

/** A picture at another size, smoothly. */
export function resized(picture: ImageData, width: number, height: number): ImageData {
  if (picture.width === width && picture.height === height) return picture;
  const from = new OffscreenCanvas(picture.width, picture.height), to = new OffscreenCanvas(width, height);
  from.getContext('2d')!.putImageData(picture, 0, 0);
  const context = to.getContext('2d', { willReadFrequently: true })!;
  context.imageSmoothingQuality = 'high';
  context.drawImage(from, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
}

export const asFile = (blob: Blob, name: string): File => new File([blob], `${name}.${blob.type === 'image/png' ? 'png' : 'jpg'}`, { type: blob.type });

export async function fileOf(picture: ImageData, name: string, type: FileType): Promise<File> {
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  canvas.getContext('2d')!.putImageData(picture, 0, 0);
  const blob = await canvas.convertToBlob({ type, quality: 0.95 });
  return asFile(blob, name);
}

export function save(file: File): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export function canShare(): boolean {
  return navigator.canShare?.({ files: [new File([], 'a.jpg', { type: 'image/jpeg' })] }) ?? false;
}

/** Opens the device's share sheet; closing it without sharing is not an error. */
export async function share(file: File): Promise<void> {
  await navigator.share({ files: [file] }).catch((error: unknown) => {
    if (!(error instanceof DOMException && error.name === 'AbortError')) throw error;
  });
}
