// SPDX-License-Identifier: Apache-2.0
// A CGImage in a trained style, with LiteRT on the phone's GPU (Metal), or on its CPU where the GPU cannot.
//
// Checked against documentation and source. NOT compiled, and NOT run on a device.
//
// Sources: Interpreter, MetalDelegate, Tensor: tensorflow/lite/swift/Sources/ in github.com/tensorflow/tensorflow;
// CGContext, CGImage: developer.apple.com/documentation/coregraphics
import CoreGraphics
import Foundation
import TensorFlowLite

enum StyleTransferError: Error {
  case model    // it does not take [1, H, W, 3], or gives something else
  case picture  // no memory for it, or Core Graphics refused it
}

/// Load once, keep, and call from one background queue.
final class StyleTransfer {
  let runsOn: String  // "GPU" or "CPU"
  let width: Int, height: Int
  private let interpreter: Interpreter

  /// modelPath: a file that `pocketstyle export NETWORK -o OUT --format tflite --static HEIGHTxWIDTH --precision fp16` wrote.
  init(modelPath: String) throws {
    let cpu = try StyleTransfer.interpreter(modelPath, delegates: nil)
    let shape = try cpu.input(at: 0).shape.dimensions
    guard shape.count == 4, shape[3] == 3 else { throw StyleTransferError.model }
    (height, width) = (shape[1], shape[2])

    // A GPU may refuse the model, or compute something else: a test pattern on both shows it.
    let pattern = (0..<3 * width * height).map { Float($0 % 97) / 96 }
    let gpu = try? StyleTransfer.interpreter(modelPath, delegates: [MetalDelegate()])
    if let gpu, let a = try? StyleTransfer.run(gpu, pattern), StyleTransfer.agree(a, try StyleTransfer.run(cpu, pattern)) {
      (interpreter, runsOn) = (gpu, "GPU")
    } else {
      (interpreter, runsOn) = (cpu, "CPU")
    }
  }

  /// The middle of the photo, in the model's size. A CGImage has no orientation: draw a UIImage upright before.
  func stylize(_ photo: CGImage) throws -> CGImage {
    let part = middle(photoWidth: photo.width, photoHeight: photo.height, width: width, height: height)
    let crop = CGRect(x: part.x, y: part.y, width: part.width, height: part.height)
    guard let cropped = photo.cropping(to: crop) else { throw StyleTransferError.picture }
    let styled = toPixels(try StyleTransfer.run(interpreter, toModel(try pixels(of: cropped))))
    return try picture(of: styled)
  }

  private static func interpreter(_ path: String, delegates: [Delegate]?) throws -> Interpreter {
    var options = Interpreter.Options()
    options.threadCount = 2
    options.isXNNPackEnabled = delegates == nil
    let made = try Interpreter(modelPath: path, options: options, delegates: delegates)
    try made.allocateTensors()
    return made
  }

  private static func run(_ interpreter: Interpreter, _ values: [Float]) throws -> [Float] {
    try interpreter.copy(values.withUnsafeBufferPointer { Data(buffer: $0) }, toInputAt: 0)
    try interpreter.invoke()
    let output = try interpreter.output(at: 0)
    guard output.data.count == values.count * MemoryLayout<Float>.stride else { throw StyleTransferError.model }
    return output.data.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
  }

  /// As far as 16 bits allow; false, too, if a value is not a number.
  private static func agree(_ a: [Float], _ b: [Float]) -> Bool {
    let sum = zip(a, b).reduce(0.0) { $0 + Double(abs($1.0 - $1.1)) }
    return sum / Double(a.count) < 0.02
  }

  // Bytes in the order R, G, B, and one that is not used.
  private static let order = CGImageAlphaInfo.noneSkipLast.rawValue | CGBitmapInfo.byteOrder32Big.rawValue
  private static let space = CGColorSpace(name: CGColorSpace.sRGB)!

  private func pixels(of picture: CGImage) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 4 * width * height)
    let drawn = bytes.withUnsafeMutableBytes { memory -> Bool in
      guard let context = CGContext(data: memory.baseAddress, width: width, height: height, bitsPerComponent: 8,
                                    bytesPerRow: 4 * width, space: StyleTransfer.space, bitmapInfo: StyleTransfer.order)
      else { return false }
      context.interpolationQuality = .high
      context.draw(picture, in: CGRect(x: 0, y: 0, width: width, height: height))
      return true
    }
    guard drawn else { throw StyleTransferError.picture }
    return bytes
  }

  private func picture(of bytes: [UInt8]) throws -> CGImage {
    guard let provider = CGDataProvider(data: Data(bytes) as CFData),
          let picture = CGImage(width: width, height: height, bitsPerComponent: 8, bitsPerPixel: 32,
                                bytesPerRow: 4 * width, space: StyleTransfer.space,
                                bitmapInfo: CGBitmapInfo(rawValue: StyleTransfer.order), provider: provider, decode: nil,
                                shouldInterpolate: true, intent: .defaultIntent)
    else { throw StyleTransferError.picture }
    return picture
  }
}
