using System.Text;

namespace RestKv.Http.Tests.Import;

/// <summary>A writer whose text can be read meanwhile.</summary>
internal sealed class LockedWriter(StringWriter inner) : TextWriter
{
    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value)
    {
        lock (inner)
        {
            inner.Write(value);
        }
    }

    public override void WriteLine(string? value)
    {
        lock (inner)
        {
            inner.WriteLine(value);
        }
    }
}
