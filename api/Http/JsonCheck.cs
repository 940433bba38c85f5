using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using RestKv.Api.Errors;

namespace RestKv.Api.Http;

/// <summary>
/// Judges a JSON body against the shape of its contract before it is deserialized, because a deserializer says only that
/// something is wrong: here every fault has a code and the place where it is. One pass, bounded depth, no recursion.
/// </summary>
internal ref struct JsonCheck
{
    private readonly Frame[] _frames = new Frame[HttpLimits.JsonDepthMax + 1];
    private Utf8JsonReader _reader;
    private int _depth;
    private Problem? _problem;

    private JsonCheck(ReadOnlySpan<byte> body) =>
        _reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = HttpLimits.JsonDepthMax + 1 });

    /// <summary>The first fault of the body, or null.</summary>
    public static Problem? Find(ReadOnlySpan<byte> body, JsonShape shape)
    {
        if (!Utf8.IsValid(body))
        {
            return new Problem(ProblemCatalog.InvalidUtf8, "the body is not UTF-8");
        }

        var check = new JsonCheck(body);
        try
        {
            return check.Run(shape);
        }
        catch (JsonException)
        {
            // The reader's only way to say that it is not JSON.
            return new Problem(
                ProblemCatalog.InvalidJson,
                string.Create(CultureInfo.InvariantCulture, $"not JSON at byte {check._reader.BytesConsumed}"));
        }
    }

    private Problem? Run(JsonShape shape)
    {
        var expected = shape;
        while (_reader.Read())
        {
            if (_reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray)
            {
                _depth--;
            }
            else if (_reader.TokenType == JsonTokenType.PropertyName)
            {
                expected = Member();
            }
            else
            {
                Value(_depth > 0 && _frames[_depth - 1].Shape.Kind == JsonShapeKind.Array ? Element() : expected);
            }

            if (_problem is not null)
            {
                return Rest();
            }
        }

        return null;
    }

    /// <summary>
    /// After a fault the rest is read for two things only: a body that is no JSON at all, or that is nested beyond reason, is
    /// called that, whatever else is wrong with it.
    /// </summary>
    private Problem Rest()
    {
        do
        {
            if (_reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray
                && _reader.CurrentDepth >= HttpLimits.JsonDepthMax)
            {
                return TooDeep("");
            }
        }
        while (_reader.Read());
        return Raft.Invariant.NotNull(_problem);
    }

    private static Problem TooDeep(string pointer) =>
        new(ProblemCatalog.JsonTooDeep, $"more than {HttpLimits.JsonDepthMax} levels") { At = pointer };

    /// <summary>Notes the member that is being read and gives what its value must be.</summary>
    private JsonShape Member()
    {
        ref var frame = ref _frames[_depth - 1];
        (frame.At, frame.UnknownName) = (-1, null);
        CheckSurrogates();
        if (frame.Shape.Kind == JsonShapeKind.Any || _problem is not null)
        {
            // A name that is no text can be compared with none, and has no place in a pointer either.
            return frame.Shape;
        }

        var names = frame.Shape.Names;
        for (var i = 0; i < names.Length; i++)
        {
            if (!_reader.ValueTextEquals(names[i]))
            {
                continue;
            }

            frame.At = i;
            if ((frame.Seen & (1UL << i)) != 0)
            {
                Fail(ProblemCatalog.DuplicateField, "given twice");
            }

            frame.Seen |= 1UL << i;
            return frame.Shape.Members[i];
        }

        frame.UnknownName = _reader.GetString();
        var known = string.Join(", ", names.Select(Encoding.UTF8.GetString));
        Fail(ProblemCatalog.Find(frame.Shape.UnknownMemberCode)!, $"known here: {known}");
        return frame.Shape;
    }

    private JsonShape Element()
    {
        ref var frame = ref _frames[_depth - 1];
        frame.At++;
        return frame.Shape.Element!;
    }

    private void Value(JsonShape shape)
    {
        var token = _reader.TokenType;
        if (token is JsonTokenType.StartObject or JsonTokenType.StartArray)
        {
            Enter(shape, token == JsonTokenType.StartObject ? JsonShapeKind.Object : JsonShapeKind.Array);
            return;
        }

        if (token == JsonTokenType.String)
        {
            CheckSurrogates();
        }

        var isRight = shape.Kind switch
        {
            JsonShapeKind.Any => token != JsonTokenType.Null || IsInsideAny(),
            JsonShapeKind.Text => token == JsonTokenType.String,
            JsonShapeKind.Integer => token == JsonTokenType.Number && IsInteger(),
            JsonShapeKind.Flag => token is JsonTokenType.True or JsonTokenType.False,
            _ => false,
        };
        if (!isRight)
        {
            FailType(shape);
        }
    }

    private void Enter(JsonShape shape, JsonShapeKind kind)
    {
        if (_depth == HttpLimits.JsonDepthMax)
        {
            _problem ??= TooDeep(Pointer());
            return;
        }

        if (shape.Kind != JsonShapeKind.Any && shape.Kind != kind)
        {
            FailType(shape);
            return;
        }

        _frames[_depth++] = new Frame { Shape = shape, At = -1 };
    }

    private readonly bool IsInsideAny() => _depth > 0 && _frames[_depth - 1].Shape.Kind == JsonShapeKind.Any;

    private readonly bool IsInteger() =>
        _reader.TryGetInt64(out var number) && number is >= -QueryReader.IntegerMax and <= QueryReader.IntegerMax;

    private void FailType(JsonShape shape)
    {
        var what = shape.Kind switch
        {
            JsonShapeKind.Text => "a string",
            JsonShapeKind.Integer => "a whole number below 2^53",
            JsonShapeKind.Flag => "true or false",
            JsonShapeKind.Object => "an object",
            JsonShapeKind.Array => "an array",
            _ => "a value",
        };
        if (_depth == 0)
        {
            Fail(ProblemCatalog.InvalidJsonType, $"{what} is due");
            return;
        }

        ref var frame = ref _frames[_depth - 1];
        var code = frame.Shape.Kind == JsonShapeKind.Object && frame.At >= 0 ? frame.Shape.FaultCodes[frame.At] : null;
        Fail(code is null ? ProblemCatalog.InvalidType : ProblemCatalog.Find(code)!, $"{what} is due");
    }

    // The reader lets half of a surrogate pair pass as an escape, and a string made of it is no text.
    private void CheckSurrogates()
    {
        if (_reader.ValueIsEscaped && SurrogateEscapes.HaveLoneOne(_reader.ValueSpan))
        {
            Fail(ProblemCatalog.InvalidUtf8, "an escape is half of a surrogate pair");
        }
    }

    private void Fail(ProblemType type, string detail) => _problem ??= new Problem(type, detail) { At = Pointer() };

    /// <summary>JSON pointer (RFC 6901) to the value being read; the document itself is "".</summary>
    private readonly string Pointer()
    {
        var pointer = new StringBuilder();
        for (var i = 0; i < _depth; i++)
        {
            ref readonly var frame = ref _frames[i];
            if (frame.Shape.Kind == JsonShapeKind.Any
                || (frame.Shape.Kind == JsonShapeKind.Object && frame.At < 0 && frame.UnknownName is null))
            {
                break;
            }

            var step = frame.Shape.Kind == JsonShapeKind.Array ? frame.At.ToString(CultureInfo.InvariantCulture)
                : frame.At >= 0 ? Encoding.UTF8.GetString(frame.Shape.Names[frame.At])
                : frame.UnknownName!;
            pointer.Append('/').Append(step.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal));
        }

        return pointer.ToString();
    }

    private struct Frame
    {
        public JsonShape Shape;
        public int At;
        public ulong Seen;
        public string? UnknownName;
    }
}
