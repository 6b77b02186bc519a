// SPDX-License-Identifier: Apache-2.0
// Choose a photo, see it in the style of style.tflite, which lies in this folder.
import PhotosUI
import SwiftUI

@main
struct PocketstyleApp: App {
  var body: some Scene { WindowGroup { ContentView() } }
}

struct ContentView: View {
  @StateObject private var styler = Styler()
  @State private var chosen: PhotosPickerItem?

  var body: some View {
    VStack(spacing: 16) {
      PhotosPicker("Choose a photo", selection: $chosen, matching: .images)
      Text(styler.status)
      if let picture = styler.picture { Image(picture, scale: 1, label: Text("The photo in the style")).resizable().scaledToFit() }
    }
    .padding()
    .onChange(of: chosen) { item in
      Task { if let data = try? await item?.loadTransferable(type: Data.self) { styler.stylize(data) } }
    }
  }
}

/// Keeps the network, and runs it on a queue of its own.
final class Styler: ObservableObject {
  @Published private(set) var picture: CGImage?
  @Published private(set) var status = "Loading"
  private let queue = DispatchQueue(label: "style")
  private var style: StyleTransfer?  // used on the queue only

  init() {
    queue.async { [self] in
      guard let path = Bundle.main.path(forResource: "style", ofType: "tflite") else {
        return show("style.tflite is not in the application")
      }
      do {
        let loaded = try StyleTransfer(modelPath: path)
        style = loaded
        show("Runs on the \(loaded.runsOn)")
      } catch {
        show("\(error)")
      }
    }
  }

  func stylize(_ file: Data) {
    queue.async { [self] in
      guard let style, let photo = UIImage(data: file) else { return }
      do {
        let start = Date()
        let styled = try style.stylize(upright(photo))
        show("\(Int(1000 * Date().timeIntervalSince(start))) ms on the \(style.runsOn)", styled)
      } catch {
        show("\(error)")
      }
    }
  }

  private func upright(_ photo: UIImage) throws -> CGImage {
    let format = UIGraphicsImageRendererFormat()
    format.scale = 1
    let drawn = UIGraphicsImageRenderer(size: photo.size, format: format).image { _ in photo.draw(at: .zero) }
    guard let picture = drawn.cgImage else { throw StyleTransferError.picture }
    return picture
  }

  private func show(_ text: String, _ styled: CGImage? = nil) {
    DispatchQueue.main.async {
      self.status = text
      if let styled { self.picture = styled }
    }
  }
}
