// SPDX-License-Identifier: Apache-2.0
plugins {
    id("com.android.application")
    id("org.jetbrains.kotlin.android")
}

android {
    namespace = "org.pocketstyle.litert"
    compileSdk = 35

    defaultConfig {
        applicationId = "org.pocketstyle.litert"
        minSdk = 26
        targetSdk = 35
        versionCode = 1
        versionName = "1.0"
    }
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
    kotlinOptions { jvmTarget = "17" }
    androidResources { noCompress += "tflite" } // LiteRT maps the asset into memory
}

dependencies {
    implementation("com.google.ai.edge.litert:litert:2.1.0")
    testImplementation("junit:junit:4.13.2")
}
