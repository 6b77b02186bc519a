// SPDX-License-Identifier: Apache-2.0
package org.pocketstyle.litert

/** A bitmap's pixels (0xAARRGGBB) as the model takes them: [1, H, W, 3], RGB 0..1. */
fun toModel(pixels: IntArray): FloatArray {
    val values = FloatArray(3 * pixels.size)
    for (i in pixels.indices) {
        values[3 * i] = (pixels[i] shr 16 and 255) / 255f
        values[3 * i + 1] = (pixels[i] shr 8 and 255) / 255f
        values[3 * i + 2] = (pixels[i] and 255) / 255f
    }
    return values
}

/** What the model gives, rounded to bytes, as opaque pixels. It is 0..1 already; a GPU in 16 bits may miss by a little. */
fun toPixels(values: FloatArray): IntArray {
    fun byte(value: Float) = (value.coerceIn(0f, 1f) * 255f + 0.5f).toInt()
    return IntArray(values.size / 3) { i ->
        255 shl 24 or (byte(values[3 * i]) shl 16) or (byte(values[3 * i + 1]) shl 8) or byte(values[3 * i + 2])
    }
}

/** The largest part in the middle of a photo that has the model's aspect ratio: x, y, width, height. */
fun middle(photoWidth: Int, photoHeight: Int, width: Int, height: Int): IntArray {
    val wide = photoWidth.toLong() * height > photoHeight.toLong() * width
    val w = if (wide) (photoHeight.toLong() * width / height).toInt().coerceAtLeast(1) else photoWidth
    val h = if (wide) photoHeight else (photoWidth.toLong() * height / width).toInt().coerceAtLeast(1)
    return intArrayOf((photoWidth - w) / 2, (photoHeight - h) / 2, w, h)
}
