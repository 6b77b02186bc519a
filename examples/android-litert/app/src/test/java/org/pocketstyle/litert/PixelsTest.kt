// SPDX-License-Identifier: Apache-2.0
package org.pocketstyle.litert

import org.junit.Assert.assertArrayEquals
import org.junit.Test

class PixelsTest {
    @Test
    fun pixelsComeBackAsTheyWere() {
        val pixels = IntArray(256) { i -> 255 shl 24 or (i shl 16) or (255 - i shl 8) or i * 7 % 256 }
        assertArrayEquals(pixels, toPixels(toModel(pixels)))
    }

    @Test
    fun theModelSeesRedFirst() {
        assertArrayEquals(floatArrayOf(1f, 0.2f, 0f), toModel(intArrayOf(0x80FF3300.toInt())), 1e-6f)
    }

    @Test
    fun valuesOutsideAreClamped() {
        assertArrayEquals(intArrayOf(0xFF00FF80.toInt()), toPixels(floatArrayOf(-0.01f, 1.01f, 0.5f)))
    }

    @Test
    fun theMiddleHasTheModelsAspectRatio() {
        assertArrayEquals(intArrayOf(500, 0, 1000, 1000), middle(2000, 1000, 512, 512))
        assertArrayEquals(intArrayOf(0, 250, 1000, 1500), middle(1000, 2000, 512, 768))
    }
}
