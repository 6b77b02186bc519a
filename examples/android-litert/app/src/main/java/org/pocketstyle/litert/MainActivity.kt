// SPDX-License-Identifier: Apache-2.0
// Choose a photo, see it in the style of app/src/main/assets/style.tflite.
package org.pocketstyle.litert

import android.app.Activity
import android.content.Intent
import android.graphics.Bitmap
import android.graphics.ImageDecoder
import android.os.Build
import android.os.Bundle
import android.provider.MediaStore
import android.widget.Button
import android.widget.ImageView
import android.widget.LinearLayout
import android.widget.TextView
import java.util.concurrent.Executors
import kotlin.system.measureTimeMillis

class MainActivity : Activity() {
    private val worker = Executors.newSingleThreadExecutor() // StyleTransfer is for one thread
    private var style: StyleTransfer? = null
    private lateinit var picture: ImageView
    private lateinit var status: TextView

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        picture = ImageView(this).apply { adjustViewBounds = true }
        status = TextView(this)
        val choose = Button(this).apply {
            text = "Choose a photo"
            setOnClickListener { startActivityForResult(Intent(Intent.ACTION_GET_CONTENT).setType("image/*"), CHOOSE) }
        }
        setContentView(LinearLayout(this).apply {
            orientation = LinearLayout.VERTICAL
            listOf(choose, status, picture).forEach(::addView)
        })
        inBackground {
            style = StyleTransfer(this, "style.tflite", SIDE, SIDE)
            runOnUiThread { status.text = "Runs on the ${style?.runsOn}" }
        }
    }

    @Deprecated("Activity has it; an application with AndroidX uses registerForActivityResult")
    override fun onActivityResult(requestCode: Int, resultCode: Int, data: Intent?) {
        val uri = data?.data
        if (requestCode != CHOOSE || resultCode != RESULT_OK || uri == null) return
        inBackground {
            val photo = if (Build.VERSION.SDK_INT >= 28) {
                ImageDecoder.decodeBitmap(ImageDecoder.createSource(contentResolver, uri)) { decoder, _, _ ->
                    decoder.allocator = ImageDecoder.ALLOCATOR_SOFTWARE // its pixels are read
                }
            } else {
                @Suppress("DEPRECATION") MediaStore.Images.Media.getBitmap(contentResolver, uri)
            }
            val loaded = style ?: return@inBackground
            lateinit var styled: Bitmap
            val milliseconds = measureTimeMillis { styled = loaded.stylize(photo) }
            runOnUiThread {
                picture.setImageBitmap(styled)
                status.text = "$milliseconds ms on the ${loaded.runsOn}"
            }
        }
    }

    override fun onDestroy() {
        worker.execute { style?.close() }
        worker.shutdown()
        super.onDestroy()
    }

    private fun inBackground(work: () -> Unit) = worker.execute {
        try {
            work()
        } catch (error: Exception) {
            runOnUiThread { status.text = error.message ?: error.toString() }
        }
    }

    private companion object {
        const val CHOOSE = 1
        const val SIDE = 512 // that of `export --static 512x512`
    }
}
