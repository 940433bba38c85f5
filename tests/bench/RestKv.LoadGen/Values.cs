using System.Text;

namespace RestKv.LoadGen;

/// <summary>The values that are written: letters, so that both APIs show them as text.</summary>
internal static class Values
{
    public const int MarkDigits = 8;
    public const char MarkLetter = 'S';

    public static byte[] Plain(int length) => Encoding.ASCII.GetBytes(new string('v', length));

    /// <summary>A value that begins with the number of its put, so that an event tells which put it stems from.</summary>
    public static string Marked(int number, int length) =>
        $"{MarkLetter}{number:D8}".PadRight(length, 'v');
}
