// SPDX-License-Identifier: Apache-2.0
// A CGImage in a trained style, with ONNX Runtime and an exported NAME.rgba.onnx.
//
// Checked against documentation and source. NOT compiled, and NOT run on a device.
// CocoaPods: pod 'onnxruntime-objc'. With the Swift package (github.com/microsoft/onnxruntime-swift-package-manager)
// the module is called OnnxRuntimeBindings.
//
// Sources:
// - ORTEnv, ORTSessionOptions, ORTSession, ORTValue, ORTTensorElementDataType: objectivec/include/ in
//   github.com/microsoft/onnxruntime; their use from Swift: mobile/examples/object_detection/ios in
//   github.com/microsoft/onnxruntime-inference-examples
// - CGContext, CGImage: developer.apple.com/documentation/coregraphics
import CoreGraphics
import Foundation
#if canImport(OnnxRuntimeBindings)
import OnnxRuntimeBindings
#else
import onnxruntime_objc
#endif

enum StyleTransferError: Error {
  case picture  // no memory for it, or Core Graphics refused it
  case output   // the model has no output "styled"
}

/// Load once, keep, and call from one background queue.
final class StyleTransfer {
  private let environment: ORTEnv  // must live as long as the session
  private let session: ORTSession

  /// modelPath: for example Bundle.main.path(forResource: "NAME.rgba", ofType: "onnx")
  init(modelPath: String, threads: Int32 = 2) throws {
    environment = try ORTEnv(loggingLevel: ORTLoggingLevel.warning)
    let options = try ORTSessionOptions()
    try options.setIntraOpNumThreads(threads)
    session = try ORTSession(env: environment, modelPath: modelPath, sessionOptions: options)
  }

  /// A picture of the same size. Scale a photo down first: time and memory grow with its pixels. A CGImage has no
  /// orientation: draw a UIImage upright before.
  func stylize(_ photo: CGImage) throws -> CGImage {
    let (width, height) = (photo.width, photo.height)
    // Bytes in the order R, G, B, A, which is what the model takes.
    let order = CGImageAlphaInfo.premultipliedLast.rawValue | CGBitmapInfo.byteOrder32Big.rawValue
    guard let space = CGColorSpace(name: CGColorSpace.sRGB),
          let pixels = NSMutableData(length: 4 * width * height),
          let context = CGContext(data: pixels.mutableBytes, width: width, height: height, bitsPerComponent: 8,
                                  bytesPerRow: 4 * width, space: space, bitmapInfo: order)
    else { throw StyleTransferError.picture }
    context.draw(photo, in: CGRect(x: 0, y: 0, width: width, height: height))

    let shape: [NSNumber] = [NSNumber(value: height), NSNumber(value: width), 4]
    let image = try ORTValue(tensorData: pixels, elementType: ORTTensorElementDataType.uInt8, shape: shape)
    let outputs = try session.run(withInputs: ["image": image], outputNames: ["styled"], runOptions: nil)
    guard let styled = outputs["styled"] else { throw StyleTransferError.output }

    let memory = try styled.tensorData()  // belongs to `styled`, so it is copied
    let bytes = Data(bytes: memory.bytes, count: memory.length)
    guard let provider = CGDataProvider(data: bytes as CFData),
          let picture = CGImage(width: width, height: height, bitsPerComponent: 8, bitsPerPixel: 32,
                                bytesPerRow: 4 * width, space: space, bitmapInfo: CGBitmapInfo(rawValue: order),
                                provider: provider, decode: nil, shouldInterpolate: true, intent: .defaultIntent)
    else { throw StyleTransferError.picture }
    return picture
  }
}
