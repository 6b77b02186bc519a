// SPDX-License-Identifier: Apache-2.0
// A Bitmap in a trained style, with LiteRT on the phone's GPU, or on its CPU where the GPU cannot.
//
// Checked against documentation and source. NOT run on a device.
//
// Sources: CompiledModel, TensorBuffer, Accelerator, LiteRtException: developers.google.com/edge/litert/next/android_kotlin
// and litert/kotlin/src/main/kotlin/com/google/ai/edge/litert/ in github.com/google-ai-edge/LiteRT
package org.pocketstyle.litert

import android.content.Context
import android.graphics.Bitmap
import com.google.ai.edge.litert.Accelerator
import com.google.ai.edge.litert.CompiledModel
import com.google.ai.edge.litert.LiteRtException
import kotlin.math.abs

/**
 * Load once, keep, and call from one background thread. asset: a file that
 * `pocketstyle export NETWORK -o OUT --format tflite --static HEIGHTxWIDTH --precision fp16` wrote, with its size.
 */
class StyleTransfer(context: Context, asset: String, private val width: Int, private val height: Int) : AutoCloseable {
    /** "GPU" or "CPU". */
    val runsOn: String

    private val model: CompiledModel

    init {
        // Both options of a GPU that cannot are seen: it refuses the model, or it computes something else.
        val cpu = CompiledModel.create(context.assets, asset, CompiledModel.Options(Accelerator.CPU))
        val gpu = try {
            CompiledModel.create(context.assets, asset, CompiledModel.Options(Accelerator.GPU))
        } catch (_: LiteRtException) {
            null
        }
        val usesGpu = gpu != null && agree(gpu, cpu)
        model = if (usesGpu) gpu!! else cpu
        runsOn = if (usesGpu) "GPU" else "CPU"
        if (usesGpu) cpu.close() else gpu?.close()
    }

    /** The middle of the photo, in the model's size. */
    fun stylize(photo: Bitmap): Bitmap {
        val (x, y, w, h) = middle(photo.width, photo.height, width, height)
        val part = Bitmap.createBitmap(photo, x, y, w, h)
        val small = Bitmap.createScaledBitmap(part, width, height, /* filter = */ true)
        val readable = if (small.config == Bitmap.Config.ARGB_8888) small else small.copy(Bitmap.Config.ARGB_8888, false)
        val pixels = IntArray(width * height)
        readable.getPixels(pixels, 0, width, 0, 0, width, height)
        return Bitmap.createBitmap(toPixels(run(model, toModel(pixels))), width, height, Bitmap.Config.ARGB_8888)
    }

    override fun close() = model.close()

    private fun run(model: CompiledModel, values: FloatArray): FloatArray {
        val inputs = model.createInputBuffers()
        val outputs = model.createOutputBuffers()
        try {
            inputs[0].writeFloat(values)
            model.run(inputs, outputs)
            return outputs[0].readFloat()
        } finally {
            (inputs + outputs).forEach { it.close() }
        }
    }

    /** Whether the GPU's picture of a test pattern is the CPU's, as far as 16 bits allow. */
    private fun agree(gpu: CompiledModel, cpu: CompiledModel): Boolean {
        val pattern = FloatArray(3 * width * height) { i -> (i % 97) / 96f }
        return try {
            val (a, b) = run(gpu, pattern) to run(cpu, pattern)
            val mean = a.indices.sumOf { i -> abs(a[i] - b[i]).toDouble() } / a.size
            mean < MOST_DIFFERENT // false, too, if a value is not a number
        } catch (_: LiteRtException) {
            false
        }
    }

    private companion object {
        const val MOST_DIFFERENT = 0.02
    }
}
