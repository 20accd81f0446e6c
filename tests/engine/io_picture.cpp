// Picture files: every format's pixels, alpha, depth and orientation, and the words for what is wrong with a file.
#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "engine/io/file.h"
#include "engine/io/picture.h"
#include "tests/support/picture_samples.h"
#include "tests/support/temporary_folder.h"

namespace convlens::io {
namespace {

using samples::Bytes;

Picture decoded(const Bytes& bytes, const std::string& name = "a file") {
  Result<Picture> picture = decode_picture(bytes, name);
  REQUIRE_MESSAGE(picture.ok(), picture.error().message);
  return std::move(picture).value();
}

std::string failure(const Bytes& bytes, const std::string& name = "a file") {
  const Result<Picture> picture = decode_picture(bytes, name);
  return picture ? "no error" : picture.error().message;
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

// Largest difference from the sample pattern in steps of 1/255.
double error_of(const Tensor& pixels) {
  double worst = 0;
  for (std::int64_t c = 0; c < pixels.shape().c; ++c) {
    for (std::int64_t y = 0; y < pixels.shape().h; ++y) {
      for (std::int64_t x = 0; x < pixels.shape().w; ++x) {
        const int wanted = samples::value(static_cast<int>(y), static_cast<int>(x), static_cast<int>(c));
        worst = std::max(worst, std::abs(static_cast<double>(pixels.at(0, c, y, x)) * 255 - wanted));
      }
    }
  }
  return worst;
}

TEST_CASE("lossless formats give back every pixel") {
  const struct {
    Bytes bytes;
    std::string name, format;
    int channels, bits;
  } cases[] = {
      {samples::png(19, 7, 1), "a", "PNG", 1, 8},        {samples::png(19, 7, 3), "a", "PNG", 3, 8},
      {samples::png(19, 7, 1, 16), "a", "PNG", 1, 16},   {samples::png(19, 7, 3, 16), "a", "PNG", 3, 16},
      {samples::bmp(19, 7), "a", "BMP", 3, 8},           {samples::tga(19, 7, false), "a.TGA", "TGA", 3, 8},
      {samples::tga(19, 7, true), "a.tga", "TGA", 3, 8}, {samples::psd(19, 7, 8), "a", "PSD", 3, 8},
      {samples::psd(19, 7, 16), "a", "PSD", 3, 16},
  };
  for (const auto& item : cases) {
    CAPTURE(item.format);
    CAPTURE(item.bits);
    const Picture picture = decoded(item.bytes, item.name);
    CHECK(picture.format == item.format);
    CHECK(picture.file_channels == item.channels);
    CHECK(picture.bits == item.bits);
    CHECK(picture.pixels.shape() == Shape{1, item.channels, 7, 19});
    CHECK(error_of(picture.pixels) < 1e-4);
  }
}

TEST_CASE("16-bit samples keep what 8 bits cannot hold") {
  Bytes bytes = samples::png(2, 1, 1, 16);
  // The first sample's low byte: signature, IHDR (25), IDAT's length and type, zlib's and the block's header, filter.
  bytes[8 + 25 + 8 + 2 + 5 + 1 + 1] = 1;
  samples::fix_png_checksums(bytes);
  CHECK(decoded(bytes).pixels.at(0, 0, 0, 0) == 1 / 65535.0f);
}

TEST_CASE("HDR keeps floating-point values above 1") {
  const Picture picture = decoded(samples::hdr(16, 5));
  CHECK(picture.format == "HDR");
  CHECK(picture.bits == 32);
  CHECK(picture.pixels.at(0, 2, 4, 10) == doctest::Approx(samples::value(4, 10, 2) / 64.0).epsilon(0.02));
  CHECK(picture.pixels.at(0, 1, 4, 7) > 1);
}

TEST_CASE("a GIF's first frame is read") {
  const Picture picture = decoded(samples::gif(13, 9));
  CHECK(picture.format == "GIF");
  CHECK(picture.pixels.shape() == Shape{1, 3, 9, 13});
  CHECK(picture.pixels.at(0, 1, 3, 4) == 1);
  CHECK(picture.pixels.at(0, 1, 3, 5) == 0);
}

TEST_CASE("JPEG comes close, in grey and colour") {
  const Picture grey = decoded(samples::jpeg(24, 16, 1));
  CHECK(grey.format == "JPEG");
  CHECK(grey.pixels.shape().h == 16);
  const Picture colour = decoded(samples::jpeg(24, 16, 3));
  CHECK(colour.pixels.shape() == Shape{1, 3, 16, 24});
}

TEST_CASE("a JPEG is turned as its EXIF note asks") {
  const Tensor upright = decoded(samples::jpeg(24, 16, 3)).pixels.clone();
  for (int orientation = 1; orientation <= 8; ++orientation) {
    CAPTURE(orientation);
    const Bytes bytes = samples::jpeg_oriented(24, 16, orientation);
    const Picture picture = decoded(bytes);
    const Shape shape = picture.pixels.shape();
    CHECK(shape == (orientation < 5 ? Shape{1, 3, 16, 24} : Shape{1, 3, 24, 16}));
    // Where the first stored row and column appear, as EXIF's table says.
    const auto at = [&](std::int64_t row, std::int64_t column) {  // of the stored picture
      const std::int64_t bottom = shape.h - 1, right = shape.w - 1;
      switch (orientation) {
        case 1:
          return picture.pixels.at(0, 0, row, column);
        case 2:
          return picture.pixels.at(0, 0, row, right - column);
        case 3:
          return picture.pixels.at(0, 0, bottom - row, right - column);
        case 4:
          return picture.pixels.at(0, 0, bottom - row, column);
        case 5:
          return picture.pixels.at(0, 0, column, row);
        case 6:
          return picture.pixels.at(0, 0, column, right - row);
        case 7:
          return picture.pixels.at(0, 0, bottom - column, right - row);
        default:
          return picture.pixels.at(0, 0, bottom - column, row);
      }
    };
    for (const std::int64_t row : {0, 3, 15}) {
      for (const std::int64_t column : {0, 5, 23}) CHECK(at(row, column) == upright.at(0, 0, row, column));
    }
    const TemporaryFolder folder;
    REQUIRE(write_file(folder / "o.jpg", bytes).ok());
    const Result<PictureInfo> info = read_picture_info(folder / "o.jpg");
    REQUIRE(info.ok());
    CHECK(info->width == shape.w);
    CHECK(info->height == shape.h);
  }
}

TEST_CASE("alpha is composited on a checker") {
  for (const int channels : {2, 4}) {
    CAPTURE(channels);
    const Picture picture = decoded(samples::png(20, 12, channels));
    CHECK(picture.file_channels == channels);
    CHECK(picture.pixels.shape().c == channels - 1);
    for (const int x : {0, 9}) {
      const float alpha = static_cast<float>(samples::value(0, x, channels - 1)) / 255;
      const float ground = x < 8 ? 0.8f : 0.6f;
      const float wanted = static_cast<float>(samples::value(0, x, 0)) / 255 * alpha + ground * (1 - alpha);
      CHECK(picture.pixels.at(0, 0, 0, x) == doctest::Approx(wanted).epsilon(1e-5));
    }
  }
}

TEST_CASE("all six kinds of PNM") {
  const auto text = [](const std::string& content) { return samples::from_text(content); };
  const Picture bitmap = decoded(text("P1\n# a comment\n3 2\n010\n1 0 1\n"));
  CHECK(bitmap.pixels.shape() == Shape{1, 1, 2, 3});
  CHECK(bitmap.pixels.at(0, 0, 0, 0) == 1);
  CHECK(bitmap.pixels.at(0, 0, 0, 1) == 0);
  const Picture grey = decoded(text("P2 2 1 10\n5 10\n"));
  CHECK(grey.pixels.at(0, 0, 0, 0) == 0.5f);
  const Picture colour = decoded(text("P3\n1 1\n255\n255 0 51"));
  CHECK(colour.pixels.at(0, 2, 0, 0) == doctest::Approx(0.2));
  Bytes packed = text("P4 10 1\n");
  packed.insert(packed.end(), {0x80, 0x40});
  CHECK(decoded(packed).pixels.at(0, 0, 0, 0) == 0);
  CHECK(decoded(packed).pixels.at(0, 0, 0, 9) == 0);
  CHECK(decoded(packed).pixels.at(0, 0, 0, 8) == 1);
  Bytes wide = text("P5 2 1 65535\n");
  wide.insert(wide.end(), {0x00, 0x01, 0xFF, 0xFF});
  CHECK(decoded(wide).bits == 16);
  CHECK(decoded(wide).pixels.at(0, 0, 0, 0) == 1 / 65535.0f);
  Bytes six = text("P6 1 1 255 ");
  six.insert(six.end(), {255, 0, 102});
  CHECK(decoded(six).pixels.at(0, 2, 0, 0) == 0.4f);
  six.pop_back();
  CHECK(contains(failure(six), "cut short, 2 of 3 bytes"));
  CHECK(contains(failure(text("P2 2 1 10\n5")), "row 1 is cut short"));
  CHECK(contains(failure(text("P2 2 1 10\n5 11")), "row 1"));
  CHECK(contains(failure(text("P5 0 1 255\n")), "header cannot be read"));
  CHECK(contains(failure(text("P5 1 1 70000\n")), "between 1 and 65535"));
}

TEST_CASE("truncation of any format is noticed at every length") {
  const std::pair<Bytes, std::string> files[] = {
      {samples::png(19, 7, 3), "a.png"}, {samples::jpeg(24, 16, 3), "a.jpg"},
      {samples::bmp(19, 7), "a.bmp"},    {samples::tga(19, 7, false), "a.tga"},
      {samples::gif(13, 9), "a.gif"},    {samples::hdr(16, 5), "a.hdr"},
      {samples::psd(19, 7, 8), "a.psd"}, {samples::from_text("P2 3 1 9 1 2 3 "), "a.pgm"},
  };
  for (const auto& [bytes, name] : files) {
    CAPTURE(name);
    // A GIF ends in a trailer, a JPEG in a marker and a BMP in padding that carry no pixels.
    const std::size_t tail = name == "a.gif" || name == "a.jpg" ? 3 : name == "a.pgm" ? 2 : name == "a.bmp" ? 4 : 1;
    for (std::size_t size = 1; size + tail <= bytes.size(); ++size) {
      CAPTURE(size);
      const std::string message =
          failure(Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)), name);
      CHECK(message != "no error");
      CHECK(message.starts_with(name));
    }
    const std::string half =
        failure(Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(bytes.size() * 3 / 4)), name);
    CHECK_MESSAGE(contains(half, "damaged"), half);
  }
}

TEST_CASE("a changed byte in a PNG's pixels is noticed") {
  Bytes bytes = samples::png(19, 7, 3);
  bytes[90] ^= 4;
  CHECK(failure(bytes, "x.png") == "x.png is a damaged PNG file: a checksum does not match; fetch or save it again");
}

TEST_CASE("files that are no pictures are refused") {
  CHECK(failure({}, "e.png") == "e.png is empty (0 bytes); fetch or save it again");
  const std::string message = failure(samples::from_text("hello, I am a letter, not a picture at all\n"), "n.png");
  CHECK(message == "n.png is not a picture that is understood; use PNG, JPEG, BMP, GIF, TGA, PSD, PNM or HDR");
  CHECK(contains(failure(samples::from_text("%PDF-1.4 something"), "a.pdf"), "is not a picture"));
  CHECK(failure(samples::from_text("hello, I am a letter named like a picture\n"), "n.tga") != "no error");
}

TEST_CASE("sizes are checked before anything is decoded") {
  Bytes huge = samples::png(19, 7, 3);
  huge[16] = 0, huge[17] = 0xFF, huge[20] = 0, huge[21] = 0xFF;  // 16 million pixels square
  samples::fix_png_checksums(huge);
  CHECK_MESSAGE(contains(failure(huge, "h.png"), "h.png is too large: "), failure(huge, "h.png"));
  Bytes hollow = samples::png(19, 7, 3);
  hollow[18] = 0x20;  // 8211 columns in a few hundred bytes
  hollow[22] = 0x20;
  samples::fix_png_checksums(hollow);
  CHECK(contains(failure(hollow, "h.png"), "bytes cannot hold"));
  CHECK(contains(failure(samples::from_text("P5 200000 200000 255\n"), "h.pgm"), "megapixels is the limit"));
  CHECK(contains(failure(samples::from_text("P5 10000 20000 255\nabc"), "h.pgm"), "bytes cannot hold"));
}

TEST_CASE("info is read from the header alone, wherever it lies") {
  const TemporaryFolder folder;
  Bytes bytes = samples::jpeg(24, 16, 3);
  // 400 KB of comments push the size out of the first look.
  Bytes comments;
  for (int i = 0; i < 7; ++i) {
    comments.insert(comments.end(), {0xFF, 0xFE, 0xFF, 0xFF});
    comments.insert(comments.end(), 0xFFFD, 'x');
  }
  bytes.insert(bytes.begin() + 2, comments.begin(), comments.end());
  REQUIRE(write_file(folder / "long.jpg", bytes).ok());
  const Result<PictureInfo> info = read_picture_info(folder / "long.jpg");
  REQUIRE(info.ok());
  CHECK(info->width == 24);
  CHECK(info->height == 16);
  CHECK(info->channels == 3);
  CHECK(!read_picture_info(folder / "none.jpg").ok());
  REQUIRE(write_file(folder / "empty.jpg", std::string_view()).ok());
  CHECK(contains(read_picture_info(folder / "empty.jpg").error().message, "is empty"));
  REQUIRE(write_file(folder / "text.jpg", std::string_view("no picture")).ok());
  CHECK(contains(read_picture_info(folder / "text.jpg").error().message, "is not a picture"));
}

TEST_CASE("written PNG files are read back") {
  const TemporaryFolder folder;
  for (const int channels : {1, 3, 4}) {
    Bytes pixels;
    for (int i = 0; i < 31 * 17; ++i) {
      for (int c = 0; c < channels; ++c) pixels.push_back(c == 3 ? 255 : samples::value(i / 31, i % 31, c));
    }
    REQUIRE(write_png(folder / "out.png", pixels, 31, 17, channels).ok());
    const Result<Picture> picture = read_picture(folder / "out.png");
    REQUIRE(picture.ok());
    CHECK(picture->file_channels == channels);
    CHECK(error_of(picture->pixels) < 1e-4);
  }
  const Status impossible = write_png(folder / "out.png", {}, 100'000, 100'000, 3);
  REQUIRE(!impossible.ok());
  CHECK(contains(impossible.error().message, "do not fit into a PNG file"));
  CHECK(read_picture(folder / "out.png").ok());
  CHECK(!write_png(folder / "out.png", {}, 0, 5, 3).ok());
}

}  // namespace
}  // namespace convlens::io
