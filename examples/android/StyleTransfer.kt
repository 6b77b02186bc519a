// SPDX-License-Identifier: Apache-2.0
// A Bitmap in a trained style, with ONNX Runtime and an exported NAME.rgba.onnx. For new applications.
//
// Checked against documentation and source, and compiled against stubs of the named classes. NOT run on a device.
// Gradle: implementation("com.microsoft.onnxruntime:onnxruntime-android:<newest>")
//
// Sources:
// - OrtEnvironment, OrtSession, OnnxTensor, OnnxJavaType: onnxruntime.ai/docs/api/java, and
//   java/src/main/java/ai/onnxruntime/ in github.com/microsoft/onnxruntime
// - Bitmap.copyPixelsToBuffer, copyPixelsFromBuffer, Config.ARGB_8888: developer.android.com, android.graphics.Bitmap
package org.pocketstyle.example

import ai.onnxruntime.OnnxJavaType
import ai.onnxruntime.OnnxTensor
import ai.onnxruntime.OrtEnvironment
import ai.onnxruntime.OrtSession
import android.graphics.Bitmap
import java.nio.ByteBuffer
import java.nio.ByteOrder

/** Load once, keep, and call from one background thread. modelPath: a file; copy an asset to filesDir first. */
class StyleTransfer(modelPath: String, threads: Int = 4) : AutoCloseable {
    private val environment = OrtEnvironment.getEnvironment()
    private val options = OrtSession.SessionOptions().apply { setIntraOpNumThreads(threads) }
    private val session = environment.createSession(modelPath, options)

    /** A picture of the same size. Scale a photo down first: time and memory grow with its pixels. */
    fun stylize(photo: Bitmap): Bitmap {
        // Any other kind, one in graphics memory too, becomes 4 bytes a pixel. ARGB_8888 lies in memory as R, G, B, A,
        // which is what the model takes. The colours are multiplied by alpha: the same thing for an opaque photo.
        val picture =
            if (photo.config == Bitmap.Config.ARGB_8888) photo else photo.copy(Bitmap.Config.ARGB_8888, false)
        val pixels = ByteBuffer.allocateDirect(4 * picture.width * picture.height).order(ByteOrder.nativeOrder())
        picture.copyPixelsToBuffer(pixels)
        pixels.rewind() // the tensor starts at the buffer's position

        val shape = longArrayOf(picture.height.toLong(), picture.width.toLong(), 4)
        val styled = Bitmap.createBitmap(picture.width, picture.height, Bitmap.Config.ARGB_8888)
        OnnxTensor.createTensor(environment, pixels, shape, OnnxJavaType.UINT8).use { image ->
            session.run(mapOf("image" to image)).use { result ->
                styled.copyPixelsFromBuffer((result.get(0) as OnnxTensor).byteBuffer)
            }
        }
        return styled
    }

    override fun close() {
        session.close()
        options.close() // not before the session
    }
}
