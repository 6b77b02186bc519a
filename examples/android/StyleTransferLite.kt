// SPDX-License-Identifier: Apache-2.0
// A Bitmap in a trained style, with PyTorch's Lite interpreter and an exported NAME.ptl. For applications that have
// PyTorch Mobile already: its last published runtime is 2.1.0 of October 2023, and it is no longer developed.
//
// Checked against documentation and source, and compiled against stubs of the named classes. NOT run on a device.
// Gradle: implementation("org.pytorch:pytorch_android_lite:2.1.0")
//
// Sources:
// - LiteModuleLoader, Module, Tensor, IValue: android/pytorch_android/src/main/java/org/pytorch/ in
//   github.com/pytorch/pytorch; how tensors cross over: android/pytorch_android/src/main/cpp/pytorch_jni_common.cpp
// - Bitmap.copyPixelsToBuffer, copyPixelsFromBuffer, Config.ARGB_8888: developer.android.com, android.graphics.Bitmap
package org.pocketstyle.example

import android.graphics.Bitmap
import java.nio.ByteBuffer
import org.pytorch.IValue
import org.pytorch.LiteModuleLoader
import org.pytorch.Tensor

/** Load once, keep, and call from one background thread. modelPath: a file; copy an asset to filesDir first. */
class StyleTransferLite(modelPath: String) : AutoCloseable {
    private val module = LiteModuleLoader.load(modelPath)

    /** A picture of the same size. Scale a photo down first: time and memory grow with its pixels. */
    fun stylize(photo: Bitmap): Bitmap {
        val picture =
            if (photo.config == Bitmap.Config.ARGB_8888) photo else photo.copy(Bitmap.Config.ARGB_8888, false)
        val pixels = Tensor.allocateByteBuffer(4 * picture.width * picture.height) // R, G, B, A
        picture.copyPixelsToBuffer(pixels)

        val shape = longArrayOf(picture.height.toLong(), picture.width.toLong(), 4)
        val image = Tensor.fromBlobUnsigned(pixels, shape) // uint8; fromBlob would make it int8
        val output = module.runMethod("run_rgba", IValue.from(image)).toTensor()

        val styled = Bitmap.createBitmap(picture.width, picture.height, Bitmap.Config.ARGB_8888)
        styled.copyPixelsFromBuffer(ByteBuffer.wrap(output.dataAsUnsignedByteArray))
        return styled
    }

    override fun close() = module.destroy()
}
