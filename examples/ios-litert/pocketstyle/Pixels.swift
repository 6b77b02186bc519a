// SPDX-License-Identifier: Apache-2.0
import Foundation

/// RGBA bytes as the model takes them: [1, H, W, 3], RGB 0..1.
func toModel(_ pixels: [UInt8]) -> [Float] {
  var values = [Float](repeating: 0, count: pixels.count / 4 * 3)
  for i in 0..<pixels.count / 4 {
    for c in 0..<3 { values[3 * i + c] = Float(pixels[4 * i + c]) / 255 }
  }
  return values
}

/// What the model gives, rounded to bytes, as opaque pixels. It is 0..1 already; a GPU in 16 bits may miss by a little.
func toPixels(_ values: [Float]) -> [UInt8] {
  var pixels = [UInt8](repeating: 255, count: values.count / 3 * 4)
  for i in 0..<values.count / 3 {
    for c in 0..<3 { pixels[4 * i + c] = UInt8(min(max(values[3 * i + c], 0), 1) * 255 + 0.5) }
  }
  return pixels
}

/// The largest part in the middle of a photo that has the model's aspect ratio.
func middle(photoWidth: Int, photoHeight: Int, width: Int, height: Int) -> (x: Int, y: Int, width: Int, height: Int) {
  let wide = photoWidth * height > photoHeight * width
  let w = wide ? max(photoHeight * width / height, 1) : photoWidth
  let h = wide ? photoHeight : max(photoWidth * height / width, 1)
  return ((photoWidth - w) / 2, (photoHeight - h) / 2, w, h)
}
