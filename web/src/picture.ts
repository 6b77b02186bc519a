// SPDX-License-Identifier: Apache-2.0
// Photos in, pictures out: decoding, scaling, saving, sharing. All on the device.
import { fit } from './pixels';

export interface Photo {
  bitmap: ImageBitmap;
  name: string; // without extension
}

/** The current photo, whatever view is open. */
export const session: { photo: Photo | undefined } = { photo: undefined };

export async function openPhoto(file: File): Promise<Photo> {
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new Error(`${file.name}: this browser cannot read it. Use JPEG, PNG or WebP.`);
  });
  session.photo?.bitmap.close();
  session.photo = { bitmap, name: file.name.replace(/\.[^.]*$/, '') || 'photo' };
  return session.photo;
}

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

export async function fileOf(picture: ImageData, name: string, type: FileType): Promise<File> {
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  canvas.getContext('2d')!.putImageData(picture, 0, 0);
  const blob = await canvas.convertToBlob({ type, quality: 0.95 });
  return new File([blob], `${name}.${type === 'image/png' ? 'png' : 'jpg'}`, { type });
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
